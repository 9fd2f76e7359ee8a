import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";

export type AuditEntry = Schemas["auth"]["AuditEntry"];

export const ACTIONS = [
  "created",
  "changed",
  "deleted",
  "restored",
  "exported",
  "login",
  "logout",
  "password-change",
  "signed-out",
];
export const RECORDS = [
  "customer",
  "contact",
  "opportunity",
  "plan_item",
  "churn_warning",
  "churn_reprieve",
  "churn_scan",
  "service_request",
  "request_round",
  "user",
  "department",
  "role",
  "setting",
  "saved_view",
  "login_session",
  "signing_key",
  "dead_letter",
];
export const SERVICES = ["auth", "marketing", "customer", "service-desk", "reporting"] as const;

/** Where records have their pages. */
const PAGES: Record<string, string> = {
  customer: "/customers",
  opportunity: "/opportunities",
  churn_warning: "/churn-warnings",
  service_request: "/requests",
  user: "/users",
  role: "/roles",
};

export function pageOf({ record_type, record_id, action }: AuditEntry): string | undefined {
  const path = PAGES[record_type];
  return path && record_id && action !== "deleted" ? `${path}/${record_id}` : undefined;
}

/** What actions and kinds of records are called; what a later release adds shows as itself. */
export function useNames() {
  const { t } = useTranslation("audit");
  return {
    action: (code: string): string => t(`common:changes.${code}`, { defaultValue: code }),
    record: (code: string): string => t([`records.${code}`, `exports.${code}`], { defaultValue: code }),
    service: (code: string): string => t(`common:services.${code}`, { defaultValue: code }),
  };
}
