import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/unlinked-accounts",
    permission: "customer:reassign",
    services: ["customer"],
    load: () => import("./List.tsx"),
    menu: { group: "churn", icon: "unlinked", order: 3, text: "unlinked-accounts:title" },
  },
];
