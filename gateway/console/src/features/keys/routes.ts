import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/keys",
    permission: "key:read",
    services: ["auth"],
    load: () => import("./List.tsx"),
    menu: { group: "system", icon: "key", order: 80, text: "keys:title" },
  },
];
