import { expect, it } from "vitest";
import { schemaNames } from "./rules.ts";

it("names the schemas that a record may have", () => {
  expect(schemaNames("customer")).toEqual(["Customer", "Customer"]);
  expect(schemaNames("service_request")).toEqual(["ServiceRequest", "Request"]);
});
