import type { ReactNode } from "react";
import type { Service } from "../api/contract.ts";

export type MenuGroup =
  | "start"
  | "marketing"
  | "customers"
  | "churn"
  | "service"
  | "reports"
  | "system"
  | "me";

/** A page of a feature, as its `routes.ts` lists it. */
export interface PageEntry {
  /** `$id` stands for one segment. */
  path: string;
  /** Who may see it; missing: everybody who is signed in. */
  permission?: string;
  /** The services whose contracts the page reads. */
  services: readonly Service[];
  load: () => Promise<{ default: () => ReactNode }>;
  /** Its entry in the menu; texts are keys such as `opportunities:title`. */
  menu?: { group: MenuGroup; icon: string; order: number; text: string };
  /** An entry of the "+" menu: the form of this page, opened by its operation. */
  create?: { operation: string; permission: string; text: string };
}
