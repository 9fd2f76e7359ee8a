import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import { permissions } from "../../api/generated/operations.ts";
import { useLoaded } from "../../api/queries.ts";
import { language } from "../../i18n/start.ts";

export type Role = Schemas["auth"]["Role"];
export type Operation = Schemas["auth"]["Operation"];

export function roleLabel(role: Role): string {
  return language() === "zh" ? role.label_zh : role.label_en;
}

export function permissionLabel(name: string): string {
  return text(permissions[name], name);
}

/** For whose records a permission is: one's own, the team's, all. */
export function scopeLabel(scope: string): string {
  return codeText(schemaOf("auth", "Role").fields.permissions, scope);
}

/** The operations that each permission allows. */
export function useOperations(): Map<string, Operation[]> {
  const { data } = useLoaded("auth", "list_permissions", { staleTime: 600_000 });
  return new Map(data?.data.items.map(({ name, operations }) => [name, operations as Operation[]]));
}
