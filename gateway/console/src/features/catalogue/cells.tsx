import { locale } from "../../i18n/start.ts";
import { addressOf } from "../../ui/list/address.ts";
import { Nothing } from "../../ui/Values.tsx";

/** Where the stock of a product is listed. */
export function stockOf(code: string): string {
  return addressOf("/catalogue/stock", { product_code: code });
}

// A unit price and a quantity have up to six decimals, which no rounding may hide.
const EXACT = { maximumFractionDigits: 6 };

/** A decimal text as people of a language write it, all of its digits kept. */
export function exact(value: string, language: string, currency?: string | null): string {
  const style = currency ? { style: "currency" as const, currency } : {};
  return new Intl.NumberFormat(language, { ...style, ...EXACT }).format(value as never);
}

export function Quantity({ value }: { value: string }) {
  return <span className="k-num">{exact(value, locale())}</span>;
}

export function UnitPrice({ row }: { row: { price: string | null; currency: string | null } }) {
  if (row.price === null) return <Nothing />;
  return <span className="k-num">{exact(row.price, locale(), row.currency)}</span>;
}
