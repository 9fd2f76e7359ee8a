// Fails when a page of the last build loads more than its budget, in kilobytes of gzipped scripts and styles.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { dist } from "./dist.ts";

// What every page loads, and what some load when they are opened.
const FIRST = ["index.html", "src/i18n/zh.ts"];
const PAGES: { name: string; limit: number; sources: string[] }[] = [
  { name: "first load", limit: 290, sources: [] },
  { name: "list page", limit: 410, sources: ["src/features/opportunities/List.tsx"] },
  { name: "chart page", limit: 580, sources: ["src/features/reports/Contribution.tsx"] },
];

interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

const manifest: Record<string, Chunk> = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

/** Adds the files of a chunk, and of all that it imports, to `files`. */
function collect(key: string, files: Set<string>, seen = new Set<string>()): void {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return;
  seen.add(key);
  for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
  for (const imported of chunk.imports ?? []) collect(imported, files, seen);
}

function kilobytes(files: Set<string>): number {
  const sizes = [...files].map((file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

function measure(sources: string[]): { files: number; size: number } {
  const files = new Set<string>();
  for (const key of [...FIRST, ...sources]) collect(key, files);
  return { files: files.size, size: kilobytes(files) };
}

let over = false;
for (const { name, limit, sources } of PAGES) {
  const missing = sources.filter((source) => !manifest[source]);
  if (missing.length > 0) {
    console.log(`budget: ${name.padEnd(10)}  not measured: the build has no ${missing.join(", ")}`);
    continue;
  }
  const { files, size } = measure(sources);
  const verdict = size > limit ? "OVER" : "ok";
  over ||= size > limit;
  const figures = `${size.toFixed(0).padStart(4)} of ${limit} kB in ${files} files`;
  console.log(`budget: ${name.padEnd(10)} ${figures}  ${verdict}`);
}
if (over) {
  console.error("The console has outgrown its budget: load later what a page does not need at once.");
  process.exitCode = 1;
}
