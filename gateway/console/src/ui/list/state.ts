import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import type { Operation } from "../../api/contract.ts";

export type ListState = Record<string, string | undefined>;

/** Names in the address that are not the API's: the open form and its row, the view, the page's own choices. */
const OWN = new Set(["form", "of", "view", "tab", "show"]);

/** What of the address is a parameter of the list; everything else is dropped. */
export function listQuery(search: ListState, operation: Operation): ListState {
  return Object.fromEntries(
    Object.entries(search).filter(([name]) => name in operation.query && !OWN.has(name)),
  );
}

/** The filters that are set, without search words and order. */
export function setFilters(query: ListState): string[] {
  return Object.keys(query).filter((name) => name !== "q" && name !== "sort" && query[name]);
}

export interface Option {
  value: string;
  label: string;
}

/** The values of filters whose names come from data, such as stages, by the filter's name. */
export type FilterOptions = Record<string, Option[] | undefined>;

export function isRange(operation: Operation, name: string): boolean {
  return `${name}_from` in operation.query;
}

/** Read the page's state from the address, and change it. Typing replaces the entry of the history. */
export function useAddress() {
  const search = useSearch({ strict: false }) as ListState;
  const navigate = useNavigate();
  const { pathname } = useLocation();
  return {
    search,
    change(patch: ListState, replace = false) {
      // On top of where the browser is by now: two changes may follow each other before the page is drawn again.
      const next = (now: ListState) =>
        Object.fromEntries(
          Object.entries({ ...now, ...patch }).filter(([, value]) => value !== undefined && value !== ""),
        );
      return navigate({ to: pathname, search: next, replace, resetScroll: false } as never);
    },
    set(next: ListState) {
      return navigate({ to: pathname, search: next, resetScroll: false } as never);
    },
  };
}

/** Change what a list shows: on top of all that it shows now, also where that is a view's and not in the address. */
export function useListChange(query: ListState) {
  const { change } = useAddress();
  return (patch: ListState, replace = false) => change({ ...query, ...patch }, replace);
}
