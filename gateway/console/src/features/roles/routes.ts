import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/roles",
    permission: "role:read",
    services: ["auth"],
    load: () => import("./List.tsx"),
    menu: { group: "system", icon: "role", order: 30, text: "roles:title" },
  },
  {
    path: "/roles/$id",
    permission: "role:read",
    services: ["auth"],
    load: () => import("./Page.tsx"),
  },
];
