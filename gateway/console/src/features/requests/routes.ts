import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [
  {
    path: "/requests",
    permission: "service-request:read",
    services: ["service-desk", "customer"],
    load: () => import("./List.tsx"),
    menu: { group: "service", icon: "request", order: 1, text: "requests:title" },
    create: {
      operation: "create_request",
      permission: "service-request:create",
      text: "requests:create",
    },
  },
  {
    path: "/requests/$id",
    permission: "service-request:read",
    services: ["service-desk", "customer"],
    load: () => import("./Page.tsx"),
  },
];
