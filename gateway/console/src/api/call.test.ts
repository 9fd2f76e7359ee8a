import { describe, expect, it } from "vitest";
import { addressOf } from "./call.ts";
import { Problem } from "./problem.ts";

describe("the address of an operation", () => {
  it("has ids in its path, and lists joined by commas", () => {
    const { method, url } = addressOf(
      "marketing",
      "list_opportunities",
      {},
      { status: ["won", "lost"], q: "", limit: 50 },
    );
    expect(method).toBe("GET");
    expect(url).toBe("/api/v1/marketing/opportunities?status=won%2Clost&limit=50");
  });

  it("spells what is no part of a path", () => {
    expect(addressOf("marketing", "get_opportunity", { opportunity_id: "a/../b" }).url).toBe(
      "/api/v1/marketing/opportunities/a%2F..%2Fb",
    );
  });

  it("refuses what the contract does not have", () => {
    expect(() => addressOf("marketing", "steal_everything")).toThrow("no operation");
  });
});

describe("a problem", () => {
  it.each([
    [0, true, true],
    [502, true, true],
    [504, true, true],
    [503, false, true],
    [429, false, true],
    [409, false, false],
    [500, false, false],
  ])(
    "with the status %d says whether the outcome is unknown, and another try helps",
    (status, unknown, again) => {
      const problem = new Problem(status, {});
      expect([problem.unknownOutcome, problem.unavailable]).toEqual([unknown, again]);
    },
  );
});
