import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/departments",
    permission: "department:read",
    services: ["auth"],
    load: () => import("./List.tsx"),
    menu: { group: "system", icon: "department", order: 20, text: "departments:title" },
    create: {
      operation: "create_department",
      permission: "department:create",
      text: "departments:create",
    },
  },
];
