import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { App, Button } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/call.ts";
import { useMe } from "../api/me.ts";
import { queryKey } from "../api/queries.ts";
import { useRead } from "../features/notifications/api.ts";
import { arrivedSince, type Notification, pathOf, type Seen } from "../features/notifications/rules.ts";
import { recall, remember } from "../lib/storage.ts";

/** Notifications that are shown by themselves; more at once are counted. */
const FEW = 3;

/** Show what has come since this browser last looked, once for all its tabs, and bring open lists up to date. */
export function useArrivals(unread: number | undefined, turn: boolean): void {
  const client = useQueryClient();
  const me = useMe();
  const show = useToast();
  const latest = useRef(show);
  latest.current = show;
  const before = useRef(unread);
  useEffect(() => {
    if (before.current !== undefined && before.current !== unread)
      client.invalidateQueries({ queryKey: queryKey("service-desk", "list_notifications").slice(0, 2) });
    before.current = unread;
  }, [unread, client]);
  useEffect(() => {
    if (!turn || unread === undefined) return;
    const name = `seen.${me.id}`;
    const seen = recall<Seen | undefined>(name, undefined);
    // On a new browser everything is old.
    if (!seen || unread <= seen.unread) return remember(name, { ...seen, unread });
    const query = { unread: true, limit: 20 };
    call("service-desk", "list_notifications", { query }).then(
      ({ data }) => {
        const newest = data.items[0]?.updated_at;
        const moment = newest && newest > (seen.moment ?? "") ? newest : seen.moment;
        remember(name, { moment, unread: data.unread });
        latest.current(arrivedSince(seen, data.items, data.unread));
      },
      // The next count finds them again.
      () => undefined,
    );
  }, [unread, turn, me.id]);
}

function useToast(): (arrived: Notification[]) => void {
  const { notification } = App.useApp();
  const { t } = useTranslation("notifications");
  const navigate = useNavigate();
  const read = useRead();
  const button = (key: string, onClick: () => void) => (
    <Button
      size="small"
      onClick={() => {
        notification.destroy(key);
        onClick();
      }}
    >
      {t("open")}
    </Button>
  );
  return (arrived) => {
    if (arrived.length > FEW) {
      const open = () => navigate({ to: "/notifications", search: {} });
      notification.info({
        key: "arrivals",
        title: t("several", { count: arrived.length }),
        actions: button("arrivals", open),
        role: "status",
      });
      return;
    }
    for (const one of arrived) {
      const path = pathOf(one);
      const open = () => {
        read(one.id);
        navigate({ to: path, search: {} } as never);
      };
      notification.info({
        key: one.id,
        title: one.title,
        description: one.body,
        duration: 8,
        role: "status",
        ...(path ? { actions: button(one.id, open) } : {}),
      });
    }
  };
}
