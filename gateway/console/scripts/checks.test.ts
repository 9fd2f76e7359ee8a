// Each check runs on a small console of its own, as a fault must make it fail.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kehu-checks-"));
  cpSync(import.meta.dirname, join(folder, "scripts"), { recursive: true });
  write("package.json", '{ "type": "module" }');
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
}

/** The lines that the script prints; it fails if and only if some are about faults. */
function run(script: string, fails: boolean): string {
  const done = spawnSync(process.execPath, [join(folder, "scripts", script)], { encoding: "utf8" });
  expect(done.status, done.stderr).toBe(fails ? 1 : 0);
  return done.stdout + done.stderr;
}

test("imports go down the layers, and into another feature by its api.ts only", () => {
  write("src/features/orders/api.ts", "export const one = 1;\n");
  write("src/features/orders/List.tsx", "export default null;\n");
  write("src/features/churn/Page.tsx", 'import { one } from "../orders/api.ts";\nexport default one;\n');
  write("src/app/router.tsx", 'export const page = import("@/features/orders/List.tsx");\n');
  expect(run("imports.ts", false)).toContain("4 files");
  write("src/features/churn/Page.tsx", 'import List from "../orders/List.tsx";\nexport default List;\n');
  write("src/lib/money.ts", 'import { page } from "@/app/router.tsx";\nexport default page;\n');
  write("src/ui/index.ts", 'export { one } from "./One.tsx";\nexport * from "./Two.tsx";\n');
  write("src/ui/Long.tsx", "const line = 1;\n".repeat(251));
  const printed = run("imports.ts", true);
  expect(printed).toContain("features/churn/Page.tsx imports ../orders/List.tsx");
  expect(printed).toContain("lib may not import app");
  expect(printed).toContain("ui/index.ts only exports again");
  expect(printed).toContain("ui/Long.tsx has 251 lines");
});

test("both languages have the same texts and placeholders, and every text is used", () => {
  write(
    "src/features/orders/List.tsx",
    `export const keys = ["title", "orders:n", (x) => \`state.\${x}\`];\n`,
  );
  write("src/features/orders/zh.json", { title: "订单", n_other: "{{count}} 个", state: { paid: "已付" } });
  const english = { title: "Orders", n_one: "1", n_other: "{{count}}", state: { paid: "Paid" } };
  write("src/features/orders/en.json", english);
  expect(run("texts.ts", false)).toContain("1 pairs");
  write("src/features/orders/en.json", { title: " ", n_other: "{{number}}", state: { paid: "" }, more: "x" });
  const printed = run("texts.ts", true);
  expect(printed).toContain("title is empty in en.json");
  expect(printed).toContain("n has other placeholders: zh {count}, en {number}");
  expect(printed).toContain("n_one is missing in en.json");
  expect(printed).toContain("more is missing in zh.json");
  write("src/features/orders/en.json", english);
  write("src/features/orders/List.tsx", 'export const keys = ["title"];\n');
  expect(run("texts.ts", true)).toContain("no source uses state.paid");
});

test("a first load over its budget is refused", () => {
  const manifest = (size: number) => {
    write("dist/assets/a.js", "");
    write("dist/assets/b.css", Array.from({ length: size }, () => Math.random().toString(36)).join(""));
    const names = ["first", "zh", "opportunities", "reports"];
    const chunks = names.map((name) => [`_${name}`, { name, file: "assets/a.js", imports: ["shared"] }]);
    write("dist/.vite/manifest.json", { ...Object.fromEntries(chunks), shared: { file: "assets/b.css" } });
  };
  manifest(1000);
  expect(run("budget.ts", false)).toMatch(/first load .* in 2 files {2}ok/);
  manifest(50_000);
  expect(run("budget.ts", true)).toMatch(/first load .*OVER/);
  write("dist/.vite/manifest.json", {});
  expect(run("budget.ts", true)).toContain("the build has no first, zh");
});

test("an unlisted licence fails the build, and what reaches users is named with its text", () => {
  const packages = {
    "": { license: "MIT", dependencies: { good: "1" } },
    "node_modules/good": { version: "1.2.3", license: "(GPL-3.0 OR MIT)" },
    "node_modules/tool": { version: "2.0.0", license: "MPL-2.0", dev: true },
  };
  write("package-lock.json", { packages });
  write("node_modules/good/LICENSE", "Use it well.");
  write("dist/index.html", "");
  expect(run("licences.ts", false)).toContain("1 packages reach users");
  expect(readFileSync(join(folder, "dist/THIRD_PARTY.txt"), "utf8")).toContain("good 1.2.3");
  expect(readFileSync(join(folder, "dist/THIRD_PARTY.txt"), "utf8")).toContain("Use it well.");
  packages["node_modules/good"].license = "MPL-2.0";
  write("package-lock.json", { packages });
  expect(run("licences.ts", true)).toContain("good: MPL-2.0");
});
