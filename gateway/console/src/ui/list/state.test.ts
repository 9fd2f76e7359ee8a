import { describe, expect, it } from "vitest";
import type { Operation } from "../../api/contract.ts";
import { listQuery, setFilters } from "./state.ts";

const operation: Operation = {
  permission: "opportunity:read",
  query: { q: { kind: "text" }, sort: { kind: "text" }, status: { kind: "array" }, view: { kind: "text" } },
};

describe("the address of a list", () => {
  it("gives the API only what it knows", () => {
    const search = {
      status: "won",
      q: "纸",
      sort: "-number",
      form: "win",
      view: "7",
      tab: "plan",
      secret: "1",
    };
    expect(listQuery(search, operation)).toEqual({ status: "won", q: "纸", sort: "-number" });
  });

  it("does not count words and order as filters", () => {
    expect(setFilters({ q: "纸", sort: "-number", status: "won", stage: "" })).toEqual(["status"]);
  });
});
