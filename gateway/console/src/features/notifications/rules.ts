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

/** What a browser has shown of a person's notifications: how many were unread then, and up to which moment. */
export interface Seen {
  unread: number;
  /** Missing until something comes: what was there before is no news. */
  moment?: string | undefined;
}

/**
 * Of the unread notifications, the newest first, those that came since the browser looked. All moments are texts
 * of one form, so that they compare.
 */
export function arrivedSince<N extends Pick<Notification, "updated_at">>(
  { moment, unread: before }: Seen,
  notifications: readonly N[],
  unread: number,
): N[] {
  if (moment === undefined) return notifications.slice(0, Math.max(0, unread - before));
  return notifications.filter(({ updated_at }) => updated_at > moment);
}

/** Milliseconds until the next question; longer after each fault in a row. */
export function pauseAfter(faults: number): number {
  return Math.min(20_000 * 2 ** faults, 300_000);
}
