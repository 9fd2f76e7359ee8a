import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addDays, dayOf, daysBetween, isDay, readDay, setCompanyZone, showDay, showMoment } from "./dates.ts";

beforeEach(() => {
  setCompanyZone("Asia/Shanghai");
  vi.useFakeTimers({ now: new Date("2026-11-30T17:00:00Z"), toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("days", () => {
  it("are the company's, whatever the device's zone is", () => {
    expect(dayOf(new Date("2026-11-30T15:59:59Z"))).toBe("2026-11-30");
    expect(dayOf(new Date("2026-11-30T16:00:00Z"))).toBe("2026-12-01");
  });

  it("are counted over months, leap years and changes of the clock", () => {
    expect(daysBetween("2026-11-30", "2026-12-01")).toBe(1);
    expect(daysBetween("2028-02-28", "2028-03-01")).toBe(2);
    expect(daysBetween("2026-03-01", "2026-02-28")).toBe(-1);
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2026-03-29", -1)).toBe("2026-03-28");
  });

  it.each([
    ["2027-03-01", "2027-03-01"],
    ["2027/3/1", "2027-03-01"],
    ["2027.3.1", "2027-03-01"],
    ["20270301", "2027-03-01"],
    ["2027年3月1日", "2027-03-01"],
    ["3-1", "2026-03-01"],
    [" 2027-03-01 ", "2027-03-01"],
    ["2027-02-30", undefined],
    ["2027-13-01", undefined],
    ["tomorrow", undefined],
    ["", undefined],
  ])("read %j as %j", (typed, day) => {
    expect(readDay(typed)).toBe(day);
  });

  it("are written one way", () => {
    expect(isDay("2027-3-1")).toBe(false);
    expect(isDay("2027-02-29")).toBe(false);
    expect(isDay("2028-02-29")).toBe(true);
  });
});

describe("what is shown", () => {
  it("is in the order of the language", () => {
    expect(showDay("2026-11-30", "zh-CN")).toBe("2026-11-30");
    expect(showDay("2026-11-30", "en-GB")).toBe("30 Nov 2026");
    expect(showDay("2026-11-30", "zh-CN", true)).toBe("11-30");
    expect(showDay("2026-11-30", "en-GB", true)).toBe("30 Nov");
  });

  it("has the year only where it is not this one", () => {
    expect(showMoment("2026-11-24T07:20:00Z", "zh-CN")).toBe("11-24 15:20");
    expect(showMoment("2026-11-24T07:20:00Z", "en-GB")).toBe("24 Nov 15:20");
    expect(showMoment("2025-11-24T07:20:00Z", "zh-CN")).toBe("2025-11-24 15:20");
    expect(showMoment("2026-11-24T07:20:00Z", "zh-CN", true)).toBe("2026-11-24 15:20");
    // Midnight is 00:00 and belongs to the day that begins.
    expect(showMoment("2026-11-24T16:00:00Z", "zh-CN")).toBe("11-25 00:00");
  });
});
