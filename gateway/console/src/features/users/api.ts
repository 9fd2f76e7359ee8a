import type { Schemas } from "../../api/call.ts";
import { text } from "../../api/contract.ts";
import { roles } from "../../api/generated/operations.ts";
import { listed } from "../../i18n/start.ts";

export type User = Schemas["auth"]["User"];

export function roleName(role: string): string {
  return text(roles[role], role);
}

export function roleNames(codes: readonly string[]): string {
  return listed(codes.map(roleName));
}

export function roleOptions() {
  return Object.keys(roles).map((role) => ({ value: role, label: roleName(role) }));
}
