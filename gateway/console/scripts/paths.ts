// The paths of all pages, read from the features' routes.ts, and the files of the build that each page needs.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Rolldown } from "vite";
import type { PageEntry } from "../src/ui/pages.ts";

const features = join(import.meta.dirname, "../src/features");
type Bundle = Rolldown.OutputBundle;
type Chunk = Rolldown.OutputChunk;

/** What the page itself names. */
const NAMED = new Set(["first", "rolldown-runtime"]);

/** The paths, each with the files that its page needs beside those that every page does. */
export async function paths(bundle: Bundle): Promise<Record<string, string[]>> {
  // The pages outside the frame, which `app/router.tsx` has.
  const found: Record<string, string[]> = { "/login": [], "/change-password": [] };
  for (const feature of readdirSync(features).sort()) {
    const module = await import(pathToFileURL(join(features, feature, "routes.ts")).href);
    const own = chunksOf(bundle).filter(({ name }) => name === feature);
    for (const { path, services } of module.pages as PageEntry[]) {
      const contracts = services.flatMap((service) => chunksWith(bundle, `/generated/${service}.ts`));
      found[path] = filesOf(bundle, [...own, ...contracts]);
    }
  }
  return found;
}

/** The texts of each language. */
export function languages(bundle: Bundle): Record<string, string[]> {
  const files = (code: string) => filesOf(bundle, chunksWith(bundle, `/i18n/${code}.ts`));
  return { zh: files("zh"), en: files("en") };
}

/** Chunks and what they import, without what every page loads. */
function filesOf(bundle: Bundle, chunks: Chunk[]): string[] {
  const found = new Set<string>();
  const waiting: Bundle[string][] = [...chunks];
  for (let chunk = waiting.pop(); chunk; chunk = waiting.pop()) {
    if (chunk.type !== "chunk" || NAMED.has(chunk.name) || found.has(chunk.fileName)) continue;
    found.add(chunk.fileName);
    for (const file of chunk.imports) if (bundle[file]) waiting.push(bundle[file]);
  }
  return [...found];
}

function chunksOf(bundle: Bundle): Chunk[] {
  return Object.values(bundle).filter((one) => one.type === "chunk");
}

/** The chunks that have a module whose path ends so. */
function chunksWith(bundle: Bundle, part: string): Chunk[] {
  return chunksOf(bundle).filter(({ moduleIds }) => moduleIds.some((id) => id.endsWith(part)));
}
