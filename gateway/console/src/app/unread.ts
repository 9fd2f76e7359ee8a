import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { call } from "../api/call.ts";
import { queryKey } from "../api/queries.ts";
import { pauseAfter } from "../features/notifications/rules.ts";
import { announce, listen } from "../lib/tabs.ts";
import { useArrivals } from "./arrivals.tsx";

const KEY = queryKey("service-desk", "count_unread_notifications");

/**
 * How many notifications wait. One tab of those in sight asks for all of the browser, and tells the others.
 * The browser itself sends `If-None-Match`, since the answers say `no-cache`; so mostly 304 comes back.
 */
export function useUnread(): number {
  const client = useQueryClient();
  const turn = useTurn();
  const faults = useRef(0);
  const begun = useRef(false);
  const { data, refetch } = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      faults.current += 1;
      const answer = await call("service-desk", "count_unread_notifications", { signal });
      faults.current = 0;
      announce({ kind: "unread", unread: answer.data.unread });
      return answer;
    },
    refetchInterval: turn ? () => pauseAfter(faults.current) : false,
    refetchOnWindowFocus: false,
    retry: false,
  });
  useEffect(() => {
    if (!turn) return;
    const answered = client.getQueryState(KEY)?.dataUpdatedAt ?? 0;
    // For its first turn, what the page has just asked by itself will do.
    if (begun.current || Date.now() - answered > pauseAfter(0)) refetch({ cancelRefetch: false });
    begun.current = true;
  }, [turn, client, refetch]);
  useEffect(
    () =>
      listen((message) => {
        if (message.kind === "unread")
          client.setQueryData(KEY, { data: { unread: message.unread }, etag: undefined });
      }),
    [client],
  );
  const unread = data?.data.unread;
  useArrivals(unread, turn);
  return unread ?? 0;
}

/** Whether it is this tab that asks: it is in sight, and no other one is that came first. */
function useTurn(): boolean {
  const [turn, setTurn] = useState(false);
  useEffect(() => {
    let leave = new AbortController();
    const enter = async () => {
      leave = new AbortController();
      const { signal } = leave;
      const left = new Promise<void>((resume) => signal.addEventListener("abort", () => resume()));
      const begin = () => {
        if (!signal.aborted) setTurn(true);
        return left;
      };
      // Plain http has no locks: then each tab in sight asks.
      if (!navigator.locks) return begin();
      // The signal ends waiting for the lock; who has it gives it back by `left`.
      return navigator.locks.request("kehu.unread", { signal }, begin).catch(() => undefined);
    };
    const follow = () => {
      leave.abort();
      setTurn(false);
      if (document.visibilityState === "visible") enter();
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      leave.abort();
    };
  }, []);
  return turn;
}
