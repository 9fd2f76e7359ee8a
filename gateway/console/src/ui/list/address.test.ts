import { expect, test } from "vitest";
import { addressOf, target } from "./address.ts";

test("what an address is made of comes back from it", () => {
  const search = { view: "open", q: "宏达 & 子", empty: "", missing: undefined };
  const address = addressOf("/churn-warnings", search);
  expect(target(address)).toEqual({ to: "/churn-warnings", search: { view: "open", q: "宏达 & 子" } });
  expect(target("/customers/1")).toEqual({ to: "/customers/1", search: {} });
});
