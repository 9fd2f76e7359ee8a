import type { Mark } from "../../ui/Status.tsx";

/** What a customer's page shows of other records: their states' marks. */
export const ORDERS: Record<string, Mark> = {
  1: "new",
  2: "assigned",
  3: "working",
  4: "ended",
  5: "handled",
  6: "done",
};

export const REQUESTS: Record<string, Mark> = {
  created: "new",
  assigned: "assigned",
  handled: "handled",
  archived: "archived",
  cancelled: "ended",
};

export const WARNINGS: Record<string, Mark> = {
  open: "warning",
  reprieved: "paused",
  confirmed: "failed",
  recovered: "done",
};
