// Fails on a licence that is not listed here, and writes THIRD_PARTY.txt into the build: name, version,
// licence and text of every package that may be part of it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { dist } from "./dist.ts";

// What may reach users, and what only the tools of a build or a check may have.
const ALLOWED = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "Unlicense"];
const TOOLS_ONLY = ["MPL-2.0", "Python-2.0", "BlueOak-1.0.0"];
// These build the console; nothing of them is part of it.
const TOOLS = ["marked", "vite", "@vitejs/plugin-react"];
const TEXT = /^(licen[cs]e|copying|notice)/i;

interface Locked {
  version: string;
  license?: string;
  dev?: boolean;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const root = join(import.meta.dirname, "..");
const lock: Record<string, Locked> = JSON.parse(
  readFileSync(join(root, "package-lock.json"), "utf8"),
).packages;

/** The path of a dependency as Node finds it: beside, then in each folder above. */
function resolve(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(dirname(folder))) {
    const path = join(folder, "node_modules", name);
    if (lock[path]) return path;
    if (folder === "" || folder === ".") return undefined;
  }
}

/** The packages that are needed at run time, by their paths. */
function reachable(): string[] {
  const found = new Set<string>();
  const visit = (from: string, names: string[]) => {
    for (const name of names) {
      const path = resolve(from, name);
      if (!path || found.has(path)) continue;
      const { dependencies, peerDependencies, dev } = lock[path] as Locked;
      if (dev) continue; // only the types of another package
      found.add(path);
      visit(path, Object.keys({ ...dependencies, ...peerDependencies }));
    }
  };
  const direct = Object.keys(lock[""]?.dependencies ?? {});
  visit(
    "",
    direct.filter((name) => !TOOLS.includes(name)),
  );
  return [...found].sort();
}

/** "(MIT OR Apache-2.0)" is a choice; one listed licence is enough. */
function isListed(licence: string, list: string[]): boolean {
  const choices = licence.replace(/^\(|\)$/g, "").split(" OR ");
  return choices.some((choice) => list.includes(choice));
}

function textOf(path: string): string {
  const files = readdirSync(join(root, path), { withFileTypes: true });
  const names = files.filter((file) => file.isFile() && TEXT.test(file.name)).map((file) => file.name);
  const texts = names.sort().map((name) => readFileSync(join(root, path, name), "utf8").trim());
  return texts.join("\n\n") || "(The package contains no text of its licence.)";
}

const shipped = reachable();
const refused = Object.entries(lock).flatMap(([path, { license = "none" }]) => {
  const list = shipped.includes(path) ? ALLOWED : [...ALLOWED, ...TOOLS_ONLY];
  return isListed(license, list) ? [] : [`${relative("node_modules", path) || "the console"}: ${license}`];
});
if (refused.length > 0) {
  console.error(`Licences that scripts/licences.ts does not list:\n  ${refused.join("\n  ")}`);
  process.exitCode = 1;
}
const parts = shipped.map((path) => {
  const { version, license } = lock[path] as Locked;
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  return `${name} ${version}\nLicence: ${license}\n\n${textOf(path)}\n`;
});
writeFileSync(join(dist, "THIRD_PARTY.txt"), parts.join(`\n${"-".repeat(80)}\n\n`));
console.log(
  `licences: ${shipped.length} packages reach users, ${Object.keys(lock).length - 1} are in the lock`,
);
