import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/guide",
    services: [],
    load: () => import("./List.tsx"),
    // Found by searching; the menu of the person leads to it.
    menu: { group: "me", icon: "directory", order: 1, text: "guide:title" },
  },
  { path: "/guide/$page", services: [], load: () => import("./Page.tsx") },
];
