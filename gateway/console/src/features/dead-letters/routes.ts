import type { Service } from "../../api/contract.ts";
import type { PageEntry } from "../../ui/pages.ts";

const SERVICES: Service[] = ["auth", "marketing", "customer", "service-desk", "reporting"];

export const pages: PageEntry[] = [
  {
    path: "/dead-letters",
    permission: "dead-letter:read",
    services: SERVICES,
    load: () => import("./List.tsx"),
    menu: { group: "system", icon: "deadLetter", order: 70, text: "dead-letters:title" },
  },
  {
    path: "/dead-letters/$service/$id",
    permission: "dead-letter:read",
    services: SERVICES,
    load: () => import("./Page.tsx"),
  },
];
