import { expect, it } from "vitest";
import { byResource } from "./rules.ts";

it("groups permissions by what they are about", () => {
  expect(byResource(["user:read", "audit:read", "user:create"])).toEqual([
    { resource: "user", permissions: ["user:read", "user:create"] },
    { resource: "audit", permissions: ["audit:read"] },
  ]);
});
