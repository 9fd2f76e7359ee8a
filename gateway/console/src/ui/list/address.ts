import type { ListState } from "./state.ts";

/** The address of a page in a state; what is empty is left out. */
export function addressOf(path: string, state: ListState): string {
  const given = Object.entries(state).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return `${path}?${new URLSearchParams(given)}`;
}
