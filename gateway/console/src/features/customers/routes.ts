import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/customers",
    permission: "customer:read",
    services: ["customer"],
    load: () => import("./List.tsx"),
    menu: { group: "customers", icon: "customer", order: 1, text: "customers:title" },
    create: { operation: "create_customer", permission: "customer:create", text: "customers:create" },
  },
  {
    path: "/customers/$id",
    permission: "customer:read",
    services: ["customer", "marketing", "service-desk"],
    load: () => import("./Page.tsx"),
  },
];
