// The paths of all pages, read from the features' routes.ts.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const features = join(import.meta.dirname, "../src/features");

export async function paths(): Promise<string[]> {
  // The pages outside the frame, which `app/router.tsx` has.
  const found: string[] = ["/login", "/change-password"];
  for (const feature of readdirSync(features).sort()) {
    const module = await import(pathToFileURL(join(features, feature, "routes.ts")).href);
    found.push(...module.pages.map((page: { path: string }) => page.path));
  }
  return found;
}
