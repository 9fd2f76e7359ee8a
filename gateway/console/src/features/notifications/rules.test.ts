import { expect, test } from "vitest";
import { arrivedSince, pathOf, pauseAfter } from "./rules.ts";

const ID = "018f0000-0000-7000-8000-000000000001";

test.each([
  ["opportunity", `/opportunities/${ID}`],
  ["customer", `/customers/${ID}`],
  ["churn_warning", `/churn-warnings/${ID}`],
  ["service_request", `/requests/${ID}`],
])("a notification of %s leads to its record", (record_type, path) => {
  expect(pathOf({ record_type, record_id: ID, openable: true })).toBe(path);
});

test("without a record it leads to the list, and nowhere if the reader may not open it", () => {
  expect(pathOf({ record_type: "churn_warning", record_id: null, openable: true })).toBe("/churn-warnings");
  expect(pathOf({ record_type: "churn_warning", record_id: null, openable: false })).toBeUndefined();
  expect(pathOf({ record_type: "another", record_id: ID, openable: true })).toBeUndefined();
});

test("only what came after the moment is new", () => {
  const [old, fresh] = ["2026-11-30T16:20:43.700000+00:00", "2026-11-30T16:20:43.800000+00:00"].map(
    (updated_at) => ({ updated_at }),
  );
  const seen = { unread: 5, moment: old?.updated_at };
  expect(arrivedSince(seen, [fresh, old] as never, 2)).toEqual([fresh]);
});

test("before anything was shown, as many are new as there are more", () => {
  const [third, second, first] = ["3", "2", "1"].map((updated_at) => ({ updated_at }));
  expect(arrivedSince({ unread: 1 }, [third, second, first] as never, 3)).toEqual([third, second]);
  expect(arrivedSince({ unread: 4 }, [third] as never, 1)).toEqual([]);
});

test("the pause grows with faults in a row, up to five minutes", () => {
  expect([0, 1, 2, 9].map(pauseAfter)).toEqual([20_000, 40_000, 80_000, 300_000]);
});
