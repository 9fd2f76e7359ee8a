import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type AnswerOf, call, type Loaded, type OperationId } from "../../api/call.ts";
import { operationOf } from "../../api/contract.ts";
import type { Problem } from "../../api/problem.ts";
import { queryKey } from "../../api/queries.ts";
import { locale } from "../../i18n/start.ts";
import { money } from "../../lib/money.ts";
import { listQuery, useAddress } from "../../ui/list/state.ts";
import { durationOf } from "./rules.ts";

/** Read a report with the parameters that the address names. What is shown stays while others are read. */
export function useReport<O extends OperationId<"reporting">>(operation: O) {
  const { search } = useAddress();
  const query = listQuery(search, operationOf("reporting", operation));
  return useQuery<Loaded<AnswerOf<"reporting", O>>, Problem>({
    queryKey: queryKey("reporting", operation, undefined, query),
    queryFn: ({ signal }) => call("reporting", operation, { query, signal } as never),
    placeholderData: keepPreviousData,
  });
}

/** A part of 1, as percent with one decimal. */
export function percent(part: number | null): string {
  if (part === null) return "—";
  const digits = { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale(), digits).format(part);
}

/** The name of a currency: 人民币, Chinese Yuan. */
export function currencyName(code: string): string {
  return new Intl.DisplayNames(locale(), { type: "currency" }).of(code) ?? code;
}

/** A mean, with one decimal. */
export function decimal(value: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(value);
}

/** An amount beside a bar: whole units are enough there, the table has the rest. */
export function shortMoney(amount: string | null, currency: string): string {
  return amount === null ? "—" : money(amount, currency, locale(), true);
}

/** How long something takes, in words; a dash where nothing was measured. */
export function useDuration(): (seconds: number | null) => string {
  const { t } = useTranslation("reports");
  return (seconds) => {
    if (seconds === null) return "—";
    const { unit, value } = durationOf(seconds);
    return t(`duration.${unit}`, { value: decimal(value) });
  };
}
