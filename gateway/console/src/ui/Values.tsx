import { useTranslation } from "react-i18next";
import { codeText, type Field } from "../api/contract.ts";
import { listed, locale } from "../i18n/start.ts";
import { daysBetween, showDay, showDistance, showMoment, today } from "../lib/dates.ts";
import { count, money } from "../lib/money.ts";
import { Person } from "./Person.tsx";

/** A day of the company, such as 2027-03-01; `short` without the year. */
export function Day({ value, short }: { value: string | null | undefined; short?: boolean }) {
  if (!value) return <Nothing />;
  return <time dateTime={value}>{showDay(value, locale(), short)}</time>;
}

/** A moment in the company's zone; how long ago stands in the tooltip, with the year. */
export function Moment({ value }: { value: string | null | undefined }) {
  if (!value) return <Nothing />;
  const title = `${showMoment(value, locale(), true)} (${showDistance(value, locale())})`;
  return (
    <time dateTime={value} title={title}>
      {showMoment(value, locale())}
    </time>
  );
}

/** How far a day is from today: today, tomorrow, 2 days late, in 3 days. */
export function Due({ day, open = true }: { day: string; open?: boolean }) {
  const { t } = useTranslation();
  const days = daysBetween(today(), day);
  const tone = !open ? undefined : days < 0 ? "k-late" : days === 0 ? "k-soon" : undefined;
  const words =
    days === 0
      ? t("due.today")
      : days === 1
        ? t("due.tomorrow")
        : days < 0
          ? t("due.late", { count: -days })
          : t("due.in", { count: days });
  return <span className={tone}>{words}</span>;
}

export function Money({
  amount,
  currency,
  whole = false,
}: {
  amount: string | null | undefined;
  currency: string;
  whole?: boolean;
}) {
  if (amount === null || amount === undefined) return <Nothing />;
  return <span className="k-num">{money(amount, currency, locale(), whole)}</span>;
}

export function Count({ value }: { value: number }) {
  return <>{count(value, locale())}</>;
}

/** What a person left empty. */
export function Nothing() {
  return <span className="k-muted">—</span>;
}

/** Dots between facts. */
export function Dot() {
  return <span className="k-dot" aria-hidden />;
}

type Row = Record<string, any>;

/** The history of a record keeps lists as texts of JSON. */
function listIn(field: Field | undefined, value: unknown): any {
  if (field?.kind !== "array" || typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A field of a record as people read it, by what the contract says of it. */
export function Value({ name, field, row }: { name: string; field: Field | undefined; row: Row }) {
  const { t } = useTranslation();
  const value = listIn(field, row[name]);
  if (`${name.replace(/_id$/, "")}_name` in row && (field?.kind === "id" || name.endsWith("_by")))
    return <Person name={row[`${name.replace(/_id$/, "")}_name`]} />;
  if (value === null || value === undefined || value === "") return <Nothing />;
  if (Array.isArray(value))
    return value.length ? listed(value.map((one) => codeText(field, String(one)))) : <Nothing />;
  if (field?.codes) return <>{codeText(field, String(value))}</>;
  switch (field?.kind) {
    case "date":
      return <Day value={value} />;
    case "moment":
      return <Moment value={value} />;
    case "amount":
      return row.currency ? (
        <Money amount={value} currency={row.currency} />
      ) : (
        <span className="k-num">{value}</span>
      );
    case "boolean":
      return <>{t(value ? "yes" : "no")}</>;
    case "integer":
    case "number":
      return <Count value={value} />;
    default:
      return typeof value === "object" ? (
        <code>{JSON.stringify(value)}</code>
      ) : (
        <span title={String(value)}>{String(value)}</span>
      );
  }
}
