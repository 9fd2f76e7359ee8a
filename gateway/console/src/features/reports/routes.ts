import type { PageEntry } from "../../ui/pages.ts";

const shared = { permission: "report:read", services: ["reporting"] } as const;

export const pages: PageEntry[] = [
  {
    ...shared,
    path: "/reports/customer-contribution",
    load: () => import("./Contribution.tsx"),
    menu: { group: "reports", icon: "bars", order: 1, text: "reports:menu.contribution" },
  },
  {
    ...shared,
    path: "/reports/customer-composition",
    load: () => import("./Composition.tsx"),
    menu: { group: "reports", icon: "pie", order: 2, text: "reports:menu.composition" },
  },
  {
    ...shared,
    path: "/reports/service-composition",
    load: () => import("./Services.tsx"),
    menu: { group: "reports", icon: "request", order: 3, text: "reports:menu.services" },
  },
  {
    ...shared,
    path: "/reports/customer-churn",
    load: () => import("./Churn.tsx"),
    menu: { group: "reports", icon: "loss", order: 4, text: "reports:menu.churn" },
  },
  {
    ...shared,
    path: "/reports/sales-funnel",
    load: () => import("./Funnel.tsx"),
    menu: { group: "reports", icon: "funnel", order: 5, text: "reports:menu.funnel" },
  },
];
