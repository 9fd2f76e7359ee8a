import { expect, it } from "vitest";
import { money } from "./money.ts";

it.each([
  ["286400.00", "CNY", "zh-CN", "¥286,400.00"],
  ["286400.00", "CNY", "en-GB", "CN¥286,400.00"],
  ["48200.00", "USD", "zh-CN", "US$48,200.00"],
  ["1000", "JPY", "en-GB", "JP¥1,000"],
  // More digits than a number can hold.
  ["9007199254740993.01", "CNY", "zh-CN", "¥9,007,199,254,740,993.01"],
])("shows %s %s in %s as %s", (amount, currency, locale, shown) => {
  expect(money(amount, currency, locale)).toBe(shown);
});

it("shows whole amounts in figures", () => {
  expect(money("1284500.50", "CNY", "zh-CN", true)).toMatch(/^¥1,284,50[01]$/);
});
