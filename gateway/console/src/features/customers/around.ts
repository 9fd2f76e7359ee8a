import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { useRows } from "../../ui/list/rows.ts";
import { OPEN } from "../requests/api.ts";
import type { Order, Warning } from "./api.ts";
import { ACTIVE, sumOf } from "./rules.ts";

/** What other lists say of a customer, missing where one may not see it. The tabs show the same lists. */
export type Around = ReturnType<typeof useAround>;

export function useAround(customer: string) {
  const may = useMay();
  const orders = useRows("customer", "list_orders", { customer_id: customer }, {});
  const warnings = useRows(
    "customer",
    "list_churn_warnings",
    {},
    { customer_id: customer },
    may("churn-warning:read"),
  );
  const requests = useLoaded("service-desk", "count_requests", {
    query: { by: "status", customer_id: [customer] },
    enabled: may("service-request:read"),
  });
  const counts = requests.data?.data.items;
  return {
    orders: orders.isSuccess ? { ...orders, rows: orders.rows as Order[] } : undefined,
    requests: counts && sumOf(counts, OPEN),
    warnings: warnings.total,
    /** The warning that is open now. */
    warning: (warnings.rows as Warning[]).find(({ state }) => ACTIVE.has(state)),
  };
}
