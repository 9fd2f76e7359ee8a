import type { Schemas } from "../../api/call.ts";
import type { Mark } from "../../ui/Status.tsx";

export type Customer = Schemas["customer"]["Customer"];
export type CustomerItem = Schemas["customer"]["CustomerItem"];
export type Order = Schemas["customer"]["Order"];
export type Warning = Schemas["customer"]["Warning"];

export const MARKS: Record<string, Mark> = { normal: "done", lost: "failed" };

/** The marks of orders, by the sales system's numbers of their states. */
export const ORDER_MARKS: Record<string, Mark> = {
  1: "new",
  2: "assigned",
  3: "working",
  4: "ended",
  5: "handled",
  6: "done",
};

/** The roles whose people manage customers. */
export const MANAGERS = ["account_manager", "sales_director"];
