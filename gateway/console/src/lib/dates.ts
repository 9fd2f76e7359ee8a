/**
 * Days are texts such as 2027-03-01 and never pass through `Date`, which would shift them by the time zone.
 * Moments are texts of the API with a zone, and are shown in the company's zone.
 */
let companyZone = "UTC";

export function setCompanyZone(zone: string): void {
  companyZone = zone;
}

/** The company's day of a moment, such as 2027-03-01. */
export function dayOf(moment: Date): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: companyZone, dateStyle: "short" }).format(
    moment,
  );
  return parts.slice(0, 10);
}

export function today(): string {
  return dayOf(new Date());
}

function asUtc(day: string): number {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  return Date.UTC(year, month - 1, date);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((asUtc(to) - asUtc(from)) / 86_400_000);
}

export function addDays(day: string, days: number): string {
  return new Date(asUtc(day) + days * 86_400_000).toISOString().slice(0, 10);
}

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && addDays(text, 0) === text;
}

/** What people type as a day: 2027-3-1, 2027/3/1, 20270301, 3-1. Undefined where it is none. */
export function readDay(text: string): string | undefined {
  const plain = text
    .trim()
    .replace(/[./年月]/g, "-")
    .replace(/日$/, "");
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(plain);
  const long = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(plain);
  const short = /^(\d{1,2})-(\d{1,2})$/.exec(plain);
  const [year, month, date] = compact?.slice(1) ??
    long?.slice(1) ?? [today().slice(0, 4), ...(short?.slice(1) ?? [])];
  if (!year || !month || !date) return undefined;
  const day = `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`;
  return isDay(day) ? day : undefined;
}

/** 2026-11-30 in Chinese, 30 Nov 2026 in English; `short` without the year. */
export function showDay(day: string, locale: string, short = false): string {
  if (locale.startsWith("zh")) return short ? day.slice(5) : day;
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    year: short ? undefined : "numeric",
  }).format(asUtc(day));
}

/** 11-24 15:20 in Chinese, 24 Nov 15:20 in English; with the year where it is not this one, or if `full`. */
export function showMoment(moment: string, locale: string, full = false): string {
  const at = new Date(moment);
  const day = dayOf(at);
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone: companyZone,
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);
  const short = !full && day.slice(0, 4) === today().slice(0, 4);
  return `${showDay(day, locale, short)} ${time}`;
}

/** "3 天前", "in 2 hours": how far a moment is from now. */
export function showDistance(moment: string, locale: string): string {
  const seconds = (new Date(moment).getTime() - Date.now()) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const [unit, length] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(seconds / length), unit);
}
