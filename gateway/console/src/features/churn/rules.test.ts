import { expect, test } from "vitest";
import { averageInterval, needsMeasure, ordersByMonth } from "./rules.ts";

test("only a measure is missing where one may be taken and none was", () => {
  const actions = ["reprieve_churn_warning"];
  expect(needsMeasure({ state: "open", actions })).toBe(true);
  expect(needsMeasure({ state: "open", actions: [] })).toBe(false);
  expect(needsMeasure({ state: "reprieved", actions })).toBe(false);
});

test("orders are counted by month, across the turn of the year", () => {
  const days = ["2026-12-31", "2027-01-01", "2027-01-30", "2025-01-15"];
  expect(ordersByMonth(days, "2027-02-03", 4)).toEqual([
    { month: "2026-11", count: 0 },
    { month: "2026-12", count: 1 },
    { month: "2027-01", count: 2 },
    { month: "2027-02", count: 0 },
  ]);
});

test("the average interval counts days of orders, not orders", () => {
  expect(averageInterval(["2026-01-01", "2026-01-01", "2026-02-10", "2026-03-22"])).toBe(40);
  expect(averageInterval(["2026-01-01", "2026-01-01"])).toBeUndefined();
  expect(averageInterval([])).toBeUndefined();
});
