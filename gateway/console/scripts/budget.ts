// Fails when a page of the last build loads more than its budget, in kilobytes of gzipped scripts and styles.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { dist } from "./dist.ts";

// What every page loads, and the features whose pages are looked at.
const FIRST = ["first", "zh"];
const PAGES: { name: string; limit: number; chunks: string[] }[] = [
  { name: "first load", limit: 290, chunks: [] },
  { name: "list page", limit: 410, chunks: ["opportunities"] },
  { name: "chart page", limit: 580, chunks: ["reports"] },
];

interface Chunk {
  file: string;
  name: string;
  css?: string[];
  imports?: string[];
}

const manifest: Record<string, Chunk> = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

/** The key of a chunk, by its name. */
function keyOf(name: string): string | undefined {
  return Object.keys(manifest).find((key) => manifest[key]?.name === name);
}

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

function measure(chunks: string[]): { files: number; size: number } {
  const files = new Set<string>();
  for (const name of [...FIRST, ...chunks]) collect(keyOf(name) ?? "", files);
  return { files: files.size, size: kilobytes(files) };
}

for (const { name, limit, chunks } of PAGES) {
  const missing = [...FIRST, ...chunks].filter((chunk) => !keyOf(chunk));
  if (missing.length > 0) throw new Error(`${name}: the build has no ${missing.join(", ")}.`);
  const { files, size } = measure(chunks);
  const over = size > limit;
  if (over) process.exitCode = 1;
  const figures = `${size.toFixed(0).padStart(4)} of ${limit} kB in ${files} files`;
  console.log(`budget: ${name.padEnd(10)} ${figures}  ${over ? "OVER" : "ok"}`);
}
if (process.exitCode)
  console.error("The console has outgrown its budget: load later what a page does not need at once.");
