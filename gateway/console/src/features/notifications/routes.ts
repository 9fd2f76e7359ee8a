import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/notifications",
    services: ["service-desk"],
    load: () => import("./List.tsx"),
    menu: { group: "start", icon: "bell", order: 2, text: "notifications:title" },
  },
];
