import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/opportunities",
    permission: "opportunity:read",
    services: ["marketing"],
    load: () => import("./List.tsx"),
    menu: { group: "marketing", icon: "opportunity", order: 2, text: "opportunities:title" },
    create: {
      operation: "create_opportunity",
      permission: "opportunity:create",
      text: "opportunities:create",
    },
  },
  {
    path: "/opportunities/$id",
    permission: "opportunity:read",
    services: ["marketing"],
    load: () => import("./Page.tsx"),
  },
];
