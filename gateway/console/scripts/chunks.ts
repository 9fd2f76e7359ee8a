// In which file of the build a module lies: few files, and nothing in the first load that only pages need.
import { join } from "node:path";
import type { Plugin } from "vite";

/** Modules that this many pages use lie together, in one file that the first page loads and all others find. */
const SHARED_BY = 6;

interface Graph {
  getModuleInfo: (id: string) => {
    importedIds: readonly string[];
    dynamicallyImportedIds: readonly string[];
  } | null;
}

/**
 * Import the parts of antd, and its icons, from their own modules: their common module names all of them, and
 * would hide which page needs which.
 */
export const direct: Plugin = {
  name: "direct",
  enforce: "pre",
  transform(code, id) {
    if (!/\/src\/.*\.tsx?$/.test(id)) return undefined;
    return code.replace(
      /^import \{([^}]+)\} from "(antd|@ant-design\/icons)";$/gm,
      (_, names: string, from: string) =>
        names
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name && !name.startsWith("type "))
          .map((name) => lineFor(name, from))
          .join(" "),
    );
  },
};

function lineFor(name: string, from: string): string {
  const [exported = "", local = exported] = name.split(" as ").map((part) => part.trim());
  if (from !== "antd") return `import ${local} from "@ant-design/icons/es/icons/${exported}";`;
  const folder = exported.replace(/[a-z][A-Z]/g, (pair) => `${pair[0]}-${pair[1]}`).toLowerCase();
  return `import ${local} from "antd/es/${folder}";`;
}

/** Names the file of a module of the console whose sources lie in `root`, or leaves it to the bundler. */
export function chunkNames(root: string) {
  let known: { first: Set<string>; uses: Map<string, number> } | undefined;
  return (id: string, graph: Graph): string | null => {
    if (!known) {
      const first = reach(graph, [join(root, "main.tsx")]);
      known = { first, uses: countUses(graph, root, first) };
    }
    if (known.first.has(id)) return "first";
    // Charts are large, and only the reports have them.
    if (/node_modules\/(echarts|zrender)\/|\/ui\/Chart/.test(id)) return "charts";
    return (known.uses.get(id) ?? 0) >= SHARED_BY ? "shared" : null;
  };
}

/** What these modules import, at once and not later. */
function reach(graph: Graph, from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = [...from];
  for (let id = waiting.pop(); id; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

/** How many of the modules that are loaded later need each module. */
function countUses(graph: Graph, root: string, first: Set<string>): Map<string, number> {
  const uses = new Map<string, number>();
  const later = new Set<string>();
  for (const id of first)
    for (const page of graph.getModuleInfo(id)?.dynamicallyImportedIds ?? []) later.add(page);
  for (const page of later) {
    if (!page.startsWith(root)) continue;
    for (const id of reach(graph, [page])) if (!first.has(id)) uses.set(id, (uses.get(id) ?? 0) + 1);
  }
  return uses;
}
