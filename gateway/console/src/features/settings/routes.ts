import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/settings",
    permission: "setting:read",
    services: ["auth"],
    load: () => import("./List.tsx"),
    menu: { group: "system", icon: "settings", order: 40, text: "settings:title" },
  },
];
