import { expect, test } from "vitest";
import { sumRequests, websiteAddress } from "./rules.ts";

test("a website leads to the web, whatever was typed", () => {
  expect(websiteAddress("www.example.com/a")).toBe("https://www.example.com/a");
  expect(websiteAddress("HTTP://example.com")).toBe("HTTP://example.com");
  expect(websiteAddress("javascript:alert(1)")).toBe("https://javascript:alert(1)");
});

test("archived and cancelled requests are not open", () => {
  const counts = [
    { value: "created", count: 1 },
    { value: "handled", count: 2 },
    { value: "archived", count: 4 },
    { value: "cancelled", count: 8 },
  ];
  expect(sumRequests(counts)).toEqual({ all: 15, open: 3 });
  expect(sumRequests([])).toEqual({ all: 0, open: 0 });
});
