import { expect, it } from "vitest";
import { newKey } from "./keys.ts";

it("makes keys that fit the header and do not repeat", () => {
  const keys = new Set(Array.from({ length: 1000 }, newKey));
  expect(keys.size).toBe(1000);
  expect([...keys].every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
});
