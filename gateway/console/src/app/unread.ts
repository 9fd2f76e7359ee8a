import { useQuery } from "@tanstack/react-query";
import { call } from "../api/call.ts";
import { queryKey } from "../api/queries.ts";

/** How many notifications wait, asked for every 20 s while the page is seen, and less often after faults. */
export function useUnread(): number {
  const { data } = useQuery({
    queryKey: queryKey("service-desk", "count_unread_notifications"),
    queryFn: ({ signal }) => call("service-desk", "count_unread_notifications", { signal }),
    refetchInterval: ({ state }) => Math.min(20_000 * 2 ** state.fetchFailureCount, 300_000),
    retry: false,
  });
  return data?.data.unread ?? 0;
}
