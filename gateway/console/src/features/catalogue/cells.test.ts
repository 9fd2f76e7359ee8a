import { expect, test } from "vitest";
import { exact } from "./cells.tsx";

test("prices and quantities keep all of their digits", () => {
  expect(exact("0.012345", "zh-CN", "CNY")).toBe("¥0.012345");
  expect(exact("12.5", "zh-CN", "CNY")).toBe("¥12.50");
  expect(exact("123456789012345678.123456", "en-GB")).toBe("123,456,789,012,345,678.123456");
  expect(exact("40.000000", "en-GB")).toBe("40");
});
