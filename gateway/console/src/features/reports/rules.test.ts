import { expect, test } from "vitest";
import { daysOf, durationOf, packPart, presetOf, presets, shade, unpackPart } from "./rules.ts";

function stateOf(key: string, today: string) {
  return presets(today).find((preset) => preset.key === key)?.state;
}

test("quarters and months are whole ones, also over the turn of the year and in leap years", () => {
  expect(stateOf("thisQuarter", "2026-11-30")).toEqual({ from: "2026-10-01", to: "2026-12-31" });
  expect(stateOf("lastQuarter", "2026-03-31")).toEqual({ from: "2025-10-01", to: "2025-12-31" });
  expect(stateOf("lastMonth", "2028-03-01")).toEqual({ from: "2028-02-01", to: "2028-02-29" });
  expect(stateOf("lastMonth", "2026-01-15")).toEqual({ from: "2025-12-01", to: "2025-12-31" });
  expect(stateOf("thisMonth", "2026-12-31")).toEqual({ from: "2026-12-01", to: "2026-12-31" });
});

test("an address names a preset only if nothing else is in it", () => {
  expect(presetOf({}, "2026-05-05")?.key).toBe("all");
  expect(presetOf({ year: "2026", by: "region" }, "2026-05-05")?.key).toBe("thisYear");
  expect(presetOf({ year: "2026", from: "2026-02-01" }, "2026-05-05")).toBeUndefined();
  expect(presetOf({ from: "2026-05-01", to: "2026-05-31" }, "2026-05-05")?.key).toBe("thisMonth");
  expect(presetOf({ from: "2026-05-01" }, "2026-05-05")).toBeUndefined();
});

test("a year is its days, and what is no day is none", () => {
  expect(daysOf({ year: "2024" })).toEqual({ from: "2024-01-01", to: "2024-12-31" });
  expect(daysOf({ from: "2026-02-30", to: "2026-03-01" })).toEqual({ from: undefined, to: "2026-03-01" });
});

test("the filters of open rows come back from the address as they were", () => {
  const part = { region: "华东 & 华南=100%", sort: "-name" };
  expect(unpackPart(packPart(part))).toEqual(part);
  expect(unpackPart(packPart({ region: undefined }))).toEqual({});
  expect(unpackPart(packPart({}))).toEqual({});
  expect(unpackPart(undefined)).toBeUndefined();
});

test("durations are in the unit that people would use", () => {
  expect(durationOf(59)).toEqual({ unit: "seconds", value: 59 });
  expect(durationOf(90)).toEqual({ unit: "minutes", value: 1.5 });
  expect(durationOf(7_200)).toEqual({ unit: "hours", value: 2 });
  expect(durationOf(129_600)).toEqual({ unit: "days", value: 1.5 });
});

test("stages take the whole range of shades, however many there are", () => {
  const colours = ["a", "b", "c", "d", "e", "f"];
  const shades = (of: number) => Array.from({ length: of }, (_, index) => shade(colours, index, of)).join("");
  expect(shades(6)).toBe("abcdef");
  expect(shades(2)).toBe("af");
  expect(shades(1)).toBe("f");
  expect(shades(9)).toMatch(/^a.*f$/);
});
