import { expect, it } from "vitest";
import { newPassword } from "./rules.ts";

it("makes a password that can be read out", () => {
  expect(newPassword()).toMatch(/^[a-km-np-z2-9]{4}-[a-km-np-z2-9]{4}-[a-km-np-z2-9]{4}$/);
});

it("makes another one each time, of all signs", () => {
  const made = Array.from({ length: 200 }, newPassword);
  expect(new Set(made).size).toBe(200);
  expect(new Set(made.join("").replaceAll("-", "")).size).toBe(32);
});
