import { expect, test } from "vitest";
import { address, render, slug } from "./guide.ts";

test("headings are named as GitHub names them, so that links hold in both places", () => {
  expect(slug("Win an opportunity")).toBe("win-an-opportunity");
  expect(slug("流失预警：先措施，后确认")).toBe("流失预警先措施后确认");
  expect(address("sales-director.md#assign-it")).toBe("/guide/sales-director#assign-it");
  expect(address("#here")).toBe("#here");
});

test("a page is its title, its tasks, and HTML with places for the pictures", () => {
  const page = render('# Title\n\n## Do it\n\n1. **Save**\n\n![A "form"](../pictures/en/win.webp)\n');
  expect(page.title).toBe("Title");
  expect(page.headings).toEqual([{ id: "do-it", text: "Do it" }]);
  expect(page.html).not.toContain("<h1");
  expect(page.html).toContain('<h2 id="do-it">Do it</h2>');
  expect(page.html).toContain('src="__PICTURE_0__" alt="A &quot;form&quot;"');
  expect(page.pictures).toEqual(["../pictures/en/win.webp"]);
});
