import { expect, test } from "vitest";
import { addressOf } from "./address.ts";
import { linkOf } from "./link.ts";

test("what an address is made of comes back from it", () => {
  const state = { view: "open", q: "宏达 & 子", empty: "", missing: undefined };
  const address = addressOf("/churn-warnings", state);
  expect(linkOf(address)).toEqual({ to: "/churn-warnings", search: { view: "open", q: "宏达 & 子" } });
});
