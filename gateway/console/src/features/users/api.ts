import type { Schemas } from "../../api/call.ts";
import { text } from "../../api/contract.ts";
import { roles } from "../../api/generated/operations.ts";

export type User = Schemas["auth"]["User"];

export function roleName(role: string): string {
  return text(roles[role], role);
}

export function roleNames(codes: readonly string[]): string {
  return codes.map(roleName).join("、");
}

export function roleOptions() {
  return Object.keys(roles).map((role) => ({ value: role, label: roleName(role) }));
}
