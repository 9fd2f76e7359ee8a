import { expect, test } from "vitest";
import { ordered } from "./rules.ts";

test("the pages of one's own roles come first", () => {
  const names = ["admin", "executive", "first-steps", "account-manager"];
  expect(ordered(names, new Set(["executive"]))).toEqual([
    "executive",
    "first-steps",
    "account-manager",
    "admin",
  ]);
});
