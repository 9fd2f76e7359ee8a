import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { sumRequests } from "./rules.ts";

/** What other lists say of a customer: three requests, whatever there is. Missing where one may not see it. */
export type Around = ReturnType<typeof useAround>;

export function useAround(customer: string) {
  const may = useMay();
  const orders = useLoaded("customer", "list_orders", {
    path: { customer_id: customer },
    query: { limit: 5 },
  });
  const requests = useLoaded("service-desk", "count_requests", {
    query: { by: "status", customer_id: [customer] },
    enabled: may("service-request:read"),
  });
  const warnings = useLoaded("customer", "list_churn_warnings", {
    query: { customer_id: [customer], state: ["open", "reprieved"], limit: 1 },
    enabled: may("churn-warning:read"),
  });
  const counts = requests.data?.data.items;
  return {
    orders: orders.data?.data,
    requests: counts && sumRequests(counts),
    /** The warning that is open now. */
    warning: warnings.data?.data.items[0],
  };
}
