import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/churn-scans",
    permission: "churn-scan:read",
    services: ["customer"],
    load: () => import("./List.tsx"),
    menu: { group: "system", icon: "scan", order: 60, text: "churn-scans:title" },
  },
];
