import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/orders",
    permission: "customer:read",
    services: ["customer"],
    load: () => import("./List.tsx"),
    menu: { group: "customers", icon: "order", order: 4, text: "orders:title" },
  },
];
