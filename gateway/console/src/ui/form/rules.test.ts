import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";
import { faultOf, isEmpty } from "./rules.ts";

const t = ((key: string) => key.replace("rules.", "")) as unknown as TFunction;

describe("a required field", () => {
  it.each([undefined, null, "", "  ", "\u3000", []])("is not filled by %j", (value) => {
    expect(isEmpty(value)).toBe(true);
    expect(faultOf({ kind: "text" }, true, value, t)).toBe("required");
    expect(faultOf({ kind: "text" }, false, value, t)).toBeUndefined();
  });

  it("is filled by nought and by no", () => {
    expect(faultOf({ kind: "integer", min: 0, max: 100 }, true, 0, t)).toBeUndefined();
    expect(faultOf({ kind: "boolean" }, true, false, t)).toBeUndefined();
  });
});

describe("the contract's limits", () => {
  it.each([
    [{ kind: "integer", min: 0, max: 100 }, 101, "between"],
    [{ kind: "integer", min: 0, max: 100 }, 50.5, "between"],
    [{ kind: "integer" }, "many", "whole"],
    [{ kind: "text", maxLength: 3 }, "四个汉字", "long"],
    [{ kind: "text", maxLength: 2 }, "😀😀", undefined],
    [{ kind: "text", minLength: 2 }, "一", "short"],
    [{ kind: "date" }, "2027-02-30", "day"],
    [{ kind: "date" }, "2027-03-01", undefined],
    [{ kind: "amount", pattern: "^(0|[1-9][0-9]{0,15})(\\.[0-9]{1,4})?$" }, "12,50", "amount"],
    [{ kind: "amount", pattern: "^(0|[1-9][0-9]{0,15})(\\.[0-9]{1,4})?$" }, "1250.00", undefined],
    [{ kind: "array", maxLength: 1 }, ["甲", "乙"], "many"],
  ])("%j refuse or take %j", (field, value, fault) => {
    expect(faultOf(field, false, value, t)).toBe(fault);
  });
});
