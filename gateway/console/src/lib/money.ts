/**
 * An amount, a decimal string of the API, with its currency: ¥286,400.00 in Chinese, CN¥286,400.00 in English.
 * `Intl` formats decimal strings exactly; a number would lose digits.
 */
export function money(amount: string, currency: string, locale: string, whole = false): string {
  const digits = whole ? { maximumFractionDigits: 0 } : {};
  return new Intl.NumberFormat(locale, { style: "currency", currency, ...digits }).format(amount as never);
}

export function count(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}
