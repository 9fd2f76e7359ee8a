import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/churn-warnings",
    permission: "churn-warning:read",
    services: ["customer"],
    load: () => import("./List.tsx"),
    menu: { group: "churn", icon: "warning", order: 1, text: "churn:title" },
  },
  {
    path: "/churn-warnings/$id",
    permission: "churn-warning:read",
    services: ["customer"],
    load: () => import("./Page.tsx"),
  },
  {
    path: "/losses",
    permission: "churn-warning:read",
    services: ["customer"],
    load: () => import("./Losses.tsx"),
    menu: { group: "churn", icon: "loss", order: 2, text: "churn:losses.title" },
  },
];
