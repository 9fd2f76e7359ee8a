import type { PageEntry } from "../../app/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/opportunities",
    permission: "opportunity:read",
    services: ["marketing"],
    load: () => import("./List.tsx"),
    menu: { group: "marketing", icon: "opportunity", order: 2 },
    create: { operation: "create_opportunity", permission: "opportunity:create" },
  },
  {
    path: "/opportunities/$id",
    permission: "opportunity:read",
    services: ["marketing"],
    load: () => import("./Page.tsx"),
  },
];
