import type { Schemas } from "../../api/call.ts";
import { useLoaded } from "../../api/queries.ts";
import type { Mark } from "../../ui/Status.tsx";

export type ServiceRequest = Schemas["service-desk"]["Request"];
export type Rounds = Schemas["service-desk"]["Rounds"];
export type Round = Schemas["service-desk"]["Round"];
type Status = ServiceRequest["status"];

export const MARKS: Record<Status, Mark> = {
  created: "new",
  assigned: "assigned",
  handled: "handled",
  archived: "archived",
  cancelled: "ended",
};

/** The states that somebody still works on, in their order. */
export const OPEN: readonly Status[] = ["created", "assigned", "handled"];

/** The rounds of a request, and what follows on feedback; undefined until they are known. */
export function useRounds(id: string): Rounds | undefined {
  return useLoaded("service-desk", "list_request_rounds", { path: { request_id: id } }).data?.data;
}

/** How many requests there are in each state, of all or of those assigned to somebody. */
export function useCounts(assignee?: string): (...states: ServiceRequest["status"][]) => number | undefined {
  const { data } = useLoaded("service-desk", "count_requests", {
    query: { by: "status", ...(assignee ? { assignee_id: [assignee] } : {}) },
  });
  return (...states) =>
    data?.data.items
      .filter(({ value }) => states.includes(value as ServiceRequest["status"]))
      .reduce((sum, { count }) => sum + count, 0);
}
