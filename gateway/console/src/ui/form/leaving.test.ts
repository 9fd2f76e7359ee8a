import { expect, test } from "vitest";
import { isLeft } from "./leaving.ts";

const at = (pathname: string, search = {}) => ({ pathname, search });

test("another page leaves every form", () => {
  expect(isLeft("edit", at("/a"), at("/b"))).toBe(true);
});

test("a form that the address opened is left when the address closes it, or opens it for another row", () => {
  const open = at("/a", { form: "edit", of: "1" });
  expect(isLeft("edit", open, at("/a"))).toBe(true);
  expect(isLeft("edit", open, at("/a", { form: "edit", of: "2" }))).toBe(true);
  expect(isLeft("edit", open, at("/a", { form: "edit", of: "1", q: "x" }))).toBe(false);
});

test("a form in its place stays when another opens over it, and is left with its tab", () => {
  const tab = at("/a", { tab: "plan" });
  expect(isLeft("edit", tab, at("/a", { tab: "plan", form: "assign" }))).toBe(false);
  expect(isLeft("edit", tab, at("/a", { tab: "history" }))).toBe(true);
});
