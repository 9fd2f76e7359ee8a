// The paths of all pages, read from the features' routes.ts, and the files of the build that each page needs.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Rolldown } from "vite";
import type { PageEntry } from "../src/ui/pages.ts";

const features = join(import.meta.dirname, "../src/features");
type Bundle = Rolldown.OutputBundle;

/** What the page itself names. */
const NAMED = new Set(["first", "rolldown-runtime"]);

/** The paths, each with the files that its page needs beside those that every page does. */
export async function paths(bundle: Bundle): Promise<Record<string, string[]>> {
  // The pages outside the frame, which `app/router.tsx` has.
  const found: Record<string, string[]> = { "/login": [], "/change-password": [] };
  for (const feature of readdirSync(features).sort()) {
    const module = await import(pathToFileURL(join(features, feature, "routes.ts")).href);
    for (const { path, services } of module.pages as PageEntry[]) {
      const contracts = services.flatMap((service) => fileWith(bundle, `/generated/${service}.ts`));
      found[path] = [...new Set([...filesOf(bundle, feature), ...contracts])];
    }
  }
  return found;
}

/** The texts of each language. */
export function languages(bundle: Bundle): Record<string, string[]> {
  return { zh: filesOf(bundle, "zh"), en: filesOf(bundle, "en") };
}

/** A chunk and what it imports, without what every page loads. */
function filesOf(bundle: Bundle, name: string): string[] {
  const found = new Set<string>();
  const waiting = Object.values(bundle).filter((one) => one.name === name);
  for (let chunk = waiting.pop(); chunk; chunk = waiting.pop()) {
    if (chunk.type !== "chunk" || NAMED.has(chunk.name) || found.has(chunk.fileName)) continue;
    found.add(chunk.fileName);
    for (const file of chunk.imports) if (bundle[file]) waiting.push(bundle[file]);
  }
  return [...found];
}

function fileWith(bundle: Bundle, part: string): string[] {
  return Object.values(bundle)
    .filter((one) => one.type === "chunk" && one.moduleIds.some((id) => id.endsWith(part)))
    .map(({ fileName }) => fileName);
}
