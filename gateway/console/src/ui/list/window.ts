import { type RefObject, useEffect, useRef, useState } from "react";
import { isTyping } from "../../lib/keyboard.ts";
import type { Row } from "./columns.tsx";

/** Rows that exist above and below those in sight. */
const MARGIN = 12;
/** Rows by which the window moves, so that not every pixel renders the table. */
const STEP = 6;

/** Which rows of a scrolling box are in sight, or nearly so. */
export function useWindow(count: number, height: number) {
  const frame = useRef<HTMLElement>(null);
  const [top, setTop] = useState(0);
  const [shown, setShown] = useState(40);
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    const measure = () => {
      setShown(Math.ceil(box.clientHeight / height) + STEP);
      setTop(Math.floor(box.scrollTop / height / STEP) * STEP);
    };
    measure();
    box.addEventListener("scroll", measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => {
      box.removeEventListener("scroll", measure);
      observer.disconnect();
    };
  }, [height]);
  const first = Math.max(0, Math.min(top, count - 1) - MARGIN);
  return { frame, first, last: Math.min(count, top + shown + MARGIN) };
}

/** j and k move between rows, x selects; Enter opens, as the row has a link. */
export function useRowKeys(
  frame: RefObject<HTMLElement | null>,
  height: number,
  rows: Row[],
  onToggle: (row: Row) => void,
) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!["j", "k", "x"].includes(event.key) || isTyping(event)) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const current = document.activeElement?.closest("tr[aria-rowindex]");
      const at = current ? Number(current.getAttribute("aria-rowindex")) - 2 : -1;
      if (event.key === "x") {
        if (rows[at]) onToggle(rows[at]);
        return;
      }
      const next = Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)));
      frame.current?.scrollTo({ top: Math.max(0, (next - 4) * height) });
      requestAnimationFrame(() =>
        frame.current?.querySelector<HTMLElement>(`tr[aria-rowindex="${next + 2}"] :is(a, .k-open)`)?.focus(),
      );
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
