import type { Schemas } from "../../api/call.ts";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import type { Mark } from "../../ui/Status.tsx";

export type Warning = Schemas["customer"]["Warning"];
export type WarningDetail = Schemas["customer"]["WarningDetail"];
export type Customer = Schemas["customer"]["Customer"];
export type Order = Schemas["customer"]["Order"];

export const MARKS: Record<string, Mark> = {
  open: "warning",
  reprieved: "paused",
  confirmed: "failed",
  recovered: "done",
};

export function useWarning(id: string) {
  return useLoaded("customer", "get_churn_warning", { path: { warning_id: id } });
}

/** Orders that are shown beside a warning. */
const ORDERS = 50;

/** The customer of a warning and its newest orders, as far as this person may read them. */
export function useCustomer(id: string): { customer?: Customer; orders?: Order[] } {
  const enabled = useMay()("customer:read");
  const path = { customer_id: id };
  const customer = useLoaded("customer", "get_customer", { path, enabled });
  const orders = useLoaded("customer", "list_orders", { path, query: { limit: ORDERS }, enabled });
  return {
    ...(customer.data && { customer: customer.data.data as Customer }),
    ...(orders.data && { orders: orders.data.data.items as Order[] }),
  };
}
