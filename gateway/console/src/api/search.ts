import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { call, type Schemas } from "./call.ts";
import { useMay } from "./me.ts";
import { queryKey } from "./queries.ts";

export type Hit = Schemas["customer" | "marketing" | "service-desk"]["Hit"];

/** Who answers to a search, and what it needs. */
const SOURCES = [
  { service: "customer", operation: "search_customers", permission: "customer:read" },
  { service: "marketing", operation: "search_opportunities", permission: "opportunity:read" },
  { service: "service-desk", operation: "search_requests", permission: "service-request:read" },
] as const;

const LEAST = 2;

/** What the services find, side by side: one that is down lacks its part and names itself in `missing`. */
export function useSearch(words: string): { hits: Hit[]; missing: string[]; searching: boolean } {
  const may = useMay();
  const q = useDeferredValue(words.trim());
  const enough = q.length >= LEAST;
  const asked = SOURCES.filter((source) => enough && may(source.permission));
  const answers = useQueries({
    queries: asked.map(({ service, operation }) => ({
      queryKey: queryKey(service, operation, {}, { q }),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call(service, operation as never, { query: { q }, signal } as never),
      placeholderData: keepPreviousData,
      retry: false,
    })),
  });
  return {
    hits: answers.flatMap(({ data }) => ((data as any)?.data.items ?? []) as Hit[]),
    missing: asked.filter((_, index) => answers[index]?.isError).map(({ service }) => service),
    searching: q !== words.trim() || answers.some(({ isFetching }) => isFetching),
  };
}

/** The page of a hit. Contacts and orders lie below their customer. */
export function hitPath({ type, id, customer_id }: Hit): string {
  switch (type) {
    case "contact":
      return `/customers/${customer_id}?tab=contacts&contact=${id}`;
    case "order":
      return `/customers/${customer_id}?tab=orders&order=${id}`;
    case "opportunity":
      return `/opportunities/${id}`;
    case "request":
      return `/requests/${id}`;
    default:
      return `/customers/${id}`;
  }
}
