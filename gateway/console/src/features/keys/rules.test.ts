import { expect, it } from "vitest";
import { statesOf } from "./rules.ts";

const NOW = new Date("2027-03-01T08:00:00Z");

it("tells which key signs, which will, and which did", () => {
  const states = statesOf(
    [
      { kid: "next", signs_from: "2027-03-01T08:01:00Z", expires_at: null },
      { kid: "now", signs_from: "2027-02-01T08:00:00Z", expires_at: "2027-03-01T08:16:00Z" },
      { kid: "old", signs_from: "2027-01-01T08:00:00Z", expires_at: "2027-03-01T08:05:00Z" },
    ],
    NOW,
  );
  expect(Object.fromEntries(states)).toEqual({ next: "next", now: "signs", old: "retired" });
});

it("lets no key sign that has ended", () => {
  const states = statesOf(
    [
      { kid: "ended", signs_from: "2027-02-01T08:00:00Z", expires_at: "2027-03-01T08:00:00Z" },
      { kid: "new", signs_from: "2027-01-01T08:00:00Z", expires_at: null },
    ],
    NOW,
  );
  expect(states.get("ended")).toBe("retired");
  expect(states.get("new")).toBe("signs");
});
