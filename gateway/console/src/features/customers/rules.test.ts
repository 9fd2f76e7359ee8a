import { expect, test } from "vitest";
import { sumOf, websiteAddress } from "./rules.ts";

test("a website leads to the web, whatever was typed", () => {
  expect(websiteAddress("www.example.com/a")).toBe("https://www.example.com/a");
  expect(websiteAddress("HTTP://example.com")).toBe("HTTP://example.com");
  expect(websiteAddress("javascript:alert(1)")).toBe("https://javascript:alert(1)");
});

test("of all records those in some states are counted", () => {
  const counts = [
    { value: "created", count: 1 },
    { value: "handled", count: 2 },
    { value: "archived", count: 4 },
    { value: "cancelled", count: 8 },
  ];
  expect(sumOf(counts, ["created", "handled"])).toEqual({ all: 15, some: 3 });
  expect(sumOf([], ["created"])).toEqual({ all: 0, some: 0 });
});
