import type { Schemas } from "../../api/call.ts";

export type Notification = Schemas["service-desk"]["Notification"];

/** The pages of what notifications are about. */
const PATHS: Record<string, string> = {
  opportunity: "/opportunities",
  customer: "/customers",
  churn_warning: "/churn-warnings",
  service_request: "/requests",
};

/** Where a notification leads: to its record, or to the list of its type; undefined where the reader may not. */
export function pathOf(
  notification: Pick<Notification, "openable" | "record_type" | "record_id">,
): string | undefined {
  const list = PATHS[notification.record_type];
  if (!notification.openable || !list) return undefined;
  return notification.record_id ? `${list}/${notification.record_id}` : list;
}

/** The notifications that came after a moment. All moments are texts of one form, so that they compare. */
export function newerThan<N extends Pick<Notification, "updated_at">>(
  notifications: readonly N[],
  seen: string,
): N[] {
  return notifications.filter(({ updated_at }) => updated_at > seen);
}

/** Milliseconds until the next question; longer after each fault in a row. */
export function pauseAfter(faults: number): number {
  return Math.min(20_000 * 2 ** faults, 300_000);
}
