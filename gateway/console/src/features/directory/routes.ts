import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/directory",
    permission: "customer:read",
    services: ["customer"],
    load: () => import("./List.tsx"),
    menu: { group: "customers", icon: "directory", order: 9, text: "directory:title" },
  },
];
