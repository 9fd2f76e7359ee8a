import type { ListState } from "./state.ts";

/** An address such as /customers/1?tab=orders, as the router wants it. */
export function target(address: string): { to: string; search: Record<string, string> } {
  const [to = "", query] = address.split("?");
  return { to, search: Object.fromEntries(new URLSearchParams(query)) };
}

/** The address of a page in a state; what is empty is left out. */
export function addressOf(path: string, search: ListState): string {
  const given = Object.entries(search).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return `${path}?${new URLSearchParams(given)}`;
}
