import { expect, test } from "vitest";
import type { Round } from "./api.ts";
import { isOpen, leadsTo, outcomeOf, presentRound, stepTo } from "./rules.ts";

function round(number: number, satisfaction: number | null): Round {
  return { number, satisfaction } as Round;
}

test.each([
  ["created", 0, 1],
  ["assigned", 1, 2],
  ["handled", 2, 2],
  ["archived", 2, 2],
] as const)("a request that is %s after %i handlings is in round %i", (status, rounds, present) => {
  expect(presentRound({ status, rounds })).toBe(present);
});

test("a round leads to another, to the archive, or is waited for", () => {
  const handled = { status: "handled", rounds: 2 } as const;
  expect(outcomeOf(round(1, 2), handled)).toBe("again");
  expect(outcomeOf(round(2, null), handled)).toBe("waiting");
  expect(outcomeOf(round(1, 2), { status: "assigned", rounds: 1 })).toBe("again");
  expect(outcomeOf(round(2, 4), { status: "archived", rounds: 2 })).toBe("archived");
  expect(outcomeOf(round(2, null), { status: "archived", rounds: 2 })).toBe("unanswered");
});

test("the setting decides what satisfaction leads to", () => {
  expect([1, 2, 3, 4, 5].map((score) => leadsTo(score, 3))).toEqual([
    "again",
    "again",
    "archived",
    "archived",
    "archived",
  ]);
  expect(leadsTo(4, 5)).toBe("again");
});

test("a lane is reached by the step that is allowed", () => {
  expect(stepTo("assigned", ["take_request", "assign_request"])).toBe("assign_request");
  expect(stepTo("assigned", ["take_request"])).toBe("take_request");
  expect(stepTo("handled", ["take_request"])).toBeUndefined();
  expect(stepTo("created", ["assign_request"])).toBeUndefined();
});

test("archived and cancelled requests are not open", () => {
  expect(
    ["created", "assigned", "handled", "archived", "cancelled"].filter((s) => isOpen(s as never)),
  ).toEqual(["created", "assigned", "handled"]);
});
