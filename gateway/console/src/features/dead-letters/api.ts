import { call, type Schemas } from "../../api/call.ts";
import type { Service } from "../../api/contract.ts";
import type { Mark } from "../../ui/Status.tsx";

export type DeadLetter = Schemas["auth"]["DeadLetter"];
export type DeadLetterDetail = Schemas["auth"]["DeadLetterDetail"];

export const SERVICES: Service[] = ["marketing", "customer", "service-desk", "reporting", "auth"];

export const MARKS: Record<string, Mark> = { retrying: "again", dead: "failed" };

/** Call an operation that every service has; the types are those of one of them. */
export function callAny(
  service: Service,
  operation: "replay_dead_letter" | "discard_dead_letter",
  id: string,
  key: string,
) {
  return call(service as "auth", operation, { path: { dead_letter_id: id }, key });
}
