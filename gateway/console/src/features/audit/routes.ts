import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/audit",
    permission: "audit:read",
    services: ["auth"],
    load: () => import("./List.tsx"),
    menu: { group: "system", icon: "audit", order: 50, text: "audit:title" },
  },
];
