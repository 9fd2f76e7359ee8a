import { describe, expect, it } from "vitest";
import { changedFields, mergeChanges } from "./merge.ts";

const base = { rate: 40, name: "甲", products: ["袋"], note: null };

describe("what a form changed", () => {
  it("is what differs from its record, empty and missing being the same", () => {
    expect(changedFields(base, { rate: 40, name: "乙", products: ["袋"], note: undefined })).toEqual({
      name: "乙",
    });
    expect(changedFields(base, { products: ["袋", "盒"] })).toEqual({ products: ["袋", "盒"] });
  });
});

describe("a colleague's change", () => {
  it("of another field is kept beside mine", () => {
    expect(mergeChanges(base, { name: "乙" }, { ...base, rate: 55 })).toEqual({
      mine: { name: "乙" },
      conflicts: [],
    });
  });

  it("of the same field is for the person to decide", () => {
    expect(mergeChanges(base, { rate: 80 }, { ...base, rate: 35 }).conflicts).toEqual(["rate"]);
  });

  it("to the same value leaves nothing to send", () => {
    expect(mergeChanges(base, { rate: 80 }, { ...base, rate: 80 })).toEqual({ mine: {}, conflicts: [] });
  });
});
