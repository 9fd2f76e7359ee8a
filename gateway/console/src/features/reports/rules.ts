import { addDays, isDay } from "../../lib/dates.ts";
import type { ListState } from "../../ui/list/state.ts";

/** A period that is often asked for. */
export interface Preset {
  key: "all" | "thisYear" | "lastYear" | "thisQuarter" | "lastQuarter" | "thisMonth" | "lastMonth";
  state: { from?: string; to?: string; year?: string };
}

function firstDay(year: number, month: number): string {
  // Months before January and after December are those of the years beside.
  const moved = year + Math.floor((month - 1) / 12);
  const within = ((((month - 1) % 12) + 12) % 12) + 1;
  return `${moved}-${String(within).padStart(2, "0")}-01`;
}

function months(year: number, month: number, length: number): { from: string; to: string } {
  return { from: firstDay(year, month), to: addDays(firstDay(year, month + length), -1) };
}

/** The periods to choose from on a day. */
export function presets(today: string): Preset[] {
  const [year, month] = today.split("-").map(Number) as [number, number];
  const quarter = month - ((month - 1) % 3);
  return [
    { key: "all", state: {} },
    { key: "thisYear", state: { year: String(year) } },
    { key: "lastYear", state: { year: String(year - 1) } },
    { key: "thisQuarter", state: months(year, quarter, 3) },
    { key: "lastQuarter", state: months(year, quarter - 3, 3) },
    { key: "thisMonth", state: months(year, month, 1) },
    { key: "lastMonth", state: months(year, month - 1, 1) },
  ];
}

/** The preset that an address names. */
export function presetOf(search: ListState, today: string): Preset | undefined {
  return presets(today).find(({ state }) =>
    (["from", "to", "year"] as const).every((name) => (state[name] ?? "") === (search[name] ?? "")),
  );
}

/** The days that an address names; those of its year, if it names one. */
export function daysOf(search: ListState): { from: string | undefined; to: string | undefined } {
  if (search.year) return { from: `${search.year}-01-01`, to: `${search.year}-12-31` };
  const day = (text: string | undefined) => (text && isDay(text) ? text : undefined);
  return { from: day(search.from), to: day(search.to) };
}

const ALL = "all";

/** Which rows are open, for the address: the filters of a part of the report, `reason_code=price`. */
export function packPart(part: ListState): string {
  const given = Object.entries(part).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return new URLSearchParams(given).toString() || ALL;
}

/** The filters of the rows that an address has open; undefined where none are. */
export function unpackPart(packed: string | undefined): Record<string, string> | undefined {
  if (!packed) return undefined;
  return packed === ALL ? {} : Object.fromEntries(new URLSearchParams(packed));
}

export interface Duration {
  unit: "days" | "hours" | "minutes" | "seconds";
  value: number;
}

/** How long something takes, in the unit in which people say it. */
export function durationOf(seconds: number): Duration {
  if (seconds >= 86_400) return { unit: "days", value: seconds / 86_400 };
  if (seconds >= 3_600) return { unit: "hours", value: seconds / 3_600 };
  if (seconds >= 60) return { unit: "minutes", value: seconds / 60 };
  return { unit: "seconds", value: seconds };
}

/** Of a row of colours from light to dark, that of one thing among several in their order. */
export function shade(colours: readonly string[], index: number, of: number): string {
  const last = colours.length - 1;
  return colours[of > 1 ? Math.round((index * last) / (of - 1)) : last] ?? "";
}
