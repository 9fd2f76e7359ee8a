import type { Schemas } from "../../api/call.ts";
import type { Mark } from "../../ui/Status.tsx";

export type Customer = Schemas["customer"]["Customer"];
export type CustomerItem = Schemas["customer"]["CustomerItem"];
export type Order = Schemas["customer"]["Order"];
export type Warning = Schemas["customer"]["Warning"];

export const MARKS: Record<string, Mark> = { normal: "done", lost: "failed" };

/** The roles whose people manage customers. */
export const MANAGERS = ["account_manager", "sales_director"];
