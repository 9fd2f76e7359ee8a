import { describe, expect, it } from "vitest";
import { inTree, within } from "./rules.ts";

const COMPANY = [
  { id: "east-1", name: "East 1", parent_id: "east" },
  { id: "sales", name: "Sales", parent_id: null },
  { id: "east", name: "East", parent_id: "sales" },
  { id: "service", name: "Service", parent_id: null },
  { id: "south", name: "South", parent_id: "sales" },
];

describe("the tree of departments", () => {
  it("has each department below its parent, in the order given", () => {
    const shown = inTree(COMPANY).map(({ department, depth }) => `${depth} ${department.id}`);
    expect(shown).toEqual(["0 sales", "1 east", "2 east-1", "1 south", "0 service"]);
  });

  it("shows one on top whose parent is not among them", () => {
    const shown = inTree([{ id: "lone", name: "Lone", parent_id: "elsewhere" }]);
    expect(shown.map(({ depth }) => depth)).toEqual([0]);
  });

  it("knows what is within a department", () => {
    expect(within(COMPANY, "sales")).toEqual(new Set(["sales", "east", "east-1", "south"]));
    expect(within(COMPANY, "south")).toEqual(new Set(["south"]));
    expect(within(COMPANY, "unknown")).toEqual(new Set());
  });
});
