// Which file may import which. A layer imports only those after it; a feature, of another, only api.ts.
import { dirname, join, normalize } from "node:path";
import { conclude, type Source, sources } from "./sources.ts";

const LAYERS = ["app", "features", "ui", "api", "i18n", "lib"];
const MOST_LINES = 250;

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g;
const REEXPORT = /^export\s+(?:type\s+)?(?:\*|\{[^}]*\})[^;"']*\bfrom\s*["'][^"']+["'];?\s*/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** The path below src that an import names; nothing for a package. */
function target(from: string, name: string): string | undefined {
  if (name.startsWith("@/")) return name.slice(2);
  if (name.startsWith(".")) return normalize(join(dirname(from), name));
  return undefined;
}

function refusal(from: string, to: string): string | undefined {
  const [layer = "", feature] = from.split("/");
  const [other = "", otherFeature, ...file] = to.split("/");
  if (!from.includes("/")) return undefined; // main.tsx is above all layers
  if (!LAYERS.includes(layer)) return `${layer}/ is not a layer: ${LAYERS.join(", ")}`;
  if (LAYERS.indexOf(other) < LAYERS.indexOf(layer)) return `${layer} may not import ${other || "that"}`;
  const isForeign = layer === "features" && other === "features" && feature !== otherFeature;
  if (isForeign && !/^api(\.ts)?$/.test(file.join("/")))
    return "of another feature, only api.ts may be imported";
  return undefined;
}

function faultsOf({ path, text }: Source): string[] {
  const faults: string[] = [];
  const lines = text.trimEnd().split("\n").length;
  if (lines > MOST_LINES) faults.push(`${path} has ${lines} lines; divide it, ${MOST_LINES} are enough`);
  const code = text.replace(COMMENT, "");
  if (code.trim() !== "" && code.replace(REEXPORT, "").trim() === "")
    faults.push(`${path} only exports again what others define; import from those`);
  for (const [, name = ""] of code.matchAll(IMPORT)) {
    const to = target(path, name);
    const reason = to === undefined ? undefined : refusal(path, to);
    if (reason) faults.push(`${path} imports ${name}: ${reason}`);
  }
  return faults;
}

const found = sources();
conclude("imports", found.flatMap(faultsOf), `${found.length} files follow the rules`);
