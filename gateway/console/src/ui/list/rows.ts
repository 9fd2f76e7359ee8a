import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "../../api/call.ts";
import type { Service } from "../../api/contract.ts";
import type { Problem } from "../../api/problem.ts";
import type { Row } from "./columns.tsx";
import type { ListState } from "./state.ts";

interface Page {
  items: Row[];
  next_cursor: string | null;
  total: number | null;
  total_capped: boolean | null;
}

/** Rows a page. */
const LIMIT = 50;
/** Who has scrolled past so many pages has them read again after a change only, and not with each look at the window. */
const READ_AGAIN = 4;

/** The rows of a list, page after page by cursor. What is shown stays while other rows are on their way. */
export function useRows(
  service: Service,
  operation: string,
  path: Record<string, string>,
  query: ListState,
  enabled = true,
) {
  const result = useInfiniteQuery<{ data: Page }, Problem>({
    queryKey: [service, operation, path, query, "pages"],
    queryFn: ({ pageParam, signal }) =>
      call(
        service,
        operation as never,
        { path, query: { limit: LIMIT, ...query, cursor: pageParam }, signal } as never,
      ),
    enabled,
    initialPageParam: undefined,
    getNextPageParam: ({ data }) => data.next_cursor ?? undefined,
    placeholderData: (before) => before,
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= READ_AGAIN,
  });
  const pages = result.data?.pages;
  const rows = useMemo(() => pages?.flatMap(({ data }) => data.items) ?? [], [pages]);
  return {
    ...result,
    rows,
    total: pages?.[0]?.data.total ?? undefined,
    capped: pages?.[0]?.data.total_capped === true,
  };
}
