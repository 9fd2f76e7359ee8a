import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/catalogue/products",
    permission: "customer:read",
    services: ["customer"],
    load: () => import("./Products.tsx"),
    menu: { group: "customers", icon: "catalogue", order: 8, text: "catalogue:products.title" },
  },
  {
    path: "/catalogue/stock",
    permission: "customer:read",
    services: ["customer"],
    load: () => import("./Stock.tsx"),
    menu: { group: "customers", icon: "stock", order: 9, text: "catalogue:stock.title" },
  },
];
