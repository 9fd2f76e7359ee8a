import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/",
    services: ["marketing", "customer", "service-desk"],
    load: () => import("./Page.tsx"),
    menu: { group: "start", icon: "home", order: 1, text: "workbench:title" },
  },
];
