import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/users",
    permission: "user:read",
    services: ["auth"],
    load: () => import("./List.tsx"),
    menu: { group: "system", icon: "user", order: 10, text: "users:title" },
    create: { operation: "create_user", permission: "user:create", text: "users:create" },
  },
  {
    path: "/users/$id",
    permission: "user:read",
    services: ["auth"],
    load: () => import("./Page.tsx"),
  },
];
