import { daysBetween } from "../../lib/dates.ts";

/** What may be missing on a warning before the loss can be confirmed. */
interface Open {
  state: string;
  actions: readonly string[];
}

/** Whether only a measure is missing: the loss could be confirmed by this person after one. */
export function needsMeasure({ state, actions }: Open): boolean {
  return state === "open" && actions.includes("reprieve_churn_warning");
}

export interface Month {
  /** Such as 2026-11. */
  month: string;
  count: number;
}

/** The number of orders in each of the last months, the present one last. */
export function ordersByMonth(days: readonly string[], today: string, months: number): Month[] {
  const [year = 0, month = 1] = today.split("-").map(Number);
  return Array.from({ length: months }, (_, index) => {
    const at = year * 12 + month - 1 - (months - 1 - index);
    const name = `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`;
    return { month: name, count: days.filter((day) => day.startsWith(name)).length };
  });
}

/** The days that lie between two orders on average; undefined where there is only one day of orders. */
export function averageInterval(days: readonly string[]): number | undefined {
  const distinct = [...new Set(days)].sort();
  const [first, last] = [distinct[0], distinct.at(-1)];
  if (!first || !last || distinct.length < 2) return undefined;
  return Math.round(daysBetween(first, last) / (distinct.length - 1));
}
