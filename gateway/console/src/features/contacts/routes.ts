import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/contacts",
    permission: "customer:read",
    services: ["customer"],
    load: () => import("./List.tsx"),
    menu: { group: "customers", icon: "contact", order: 2, text: "contacts:title" },
  },
];
