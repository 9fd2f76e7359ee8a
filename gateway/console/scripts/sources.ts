// The sources of the console, for the checks that read them as text.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export const src = join(import.meta.dirname, "../src");

export interface Source {
  /** Relative to src, such as `features/orders/List.tsx`. */
  path: string;
  text: string;
}

/** All that people wrote: not api/generated. */
export function sources(): Source[] {
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(src, file), text: readFileSync(file, "utf8") }))
    .filter(({ path }) => !path.startsWith("api/generated/"))
    .sort((a, b) => a.path.localeCompare(b.path));
}

/** Prints what is wrong, if anything, and makes the script fail. */
export function conclude(check: string, faults: string[], fine: string): void {
  if (faults.length === 0) {
    console.log(`${check}: ${fine}`);
    return;
  }
  console.error(`${check}:\n  ${faults.join("\n  ")}`);
  process.exitCode = 1;
}
