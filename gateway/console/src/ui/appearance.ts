import { useSyncExternalStore } from "react";
import { recall, remember } from "../lib/storage.ts";

export type Theme = "system" | "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let wanted = recall<Theme>("theme", "system");

function announce(): void {
  for (const listener of listeners) listener();
}

system.addEventListener("change", announce);

/** Light or dark: what the person chose, else what the device says. Kept here for the sign-in page, too. */
export const themeStore = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  dark: (): boolean => (wanted === "system" ? system.matches : wanted === "dark"),
  choose(theme: Theme): void {
    if (theme === wanted) return;
    wanted = theme;
    remember("theme", theme);
    announce();
  },
};

/** Whether the page is dark now. */
export function useDark(): boolean {
  return useSyncExternalStore(themeStore.subscribe, themeStore.dark);
}
