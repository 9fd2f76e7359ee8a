// In which file of the build a module lies: few files, and nothing in the first load that only pages need.
import { join, relative } from "node:path";
import type { Plugin } from "vite";

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

/**
 * Names the file of a module of the console whose sources lie in `root`, or leaves it to the bundler: what the
 * first page loads, what the pages of one feature need, what those of several do.
 */
export function chunkNames(root: string) {
  let known: { first: Set<string>; users: Map<string, Set<string>> } | undefined;
  return (id: string, graph: Graph): string | null => {
    if (!known) {
      const first = reach(graph, [join(root, "main.tsx")]);
      known = { first, users: findUsers(graph, join(root, "features"), first) };
    }
    if (known.first.has(id)) return "first";
    // Most pages show records of several of these services.
    if (/\/generated\/(customer|marketing|service-desk)\.ts$/.test(id)) return "contracts";
    // Charts are large, and only the reports have them.
    if (/node_modules\/(echarts|zrender|tslib)\//.test(id)) return "charts";
    const users = [...(known.users.get(id) ?? [])];
    if (users.length === 0) return null;
    return users.length === 1 ? (users[0] as string) : "shared";
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

/** The features whose pages need each module that is loaded later. */
function findUsers(graph: Graph, features: string, first: Set<string>): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>();
  for (const route of first) {
    for (const page of graph.getModuleInfo(route)?.dynamicallyImportedIds ?? []) {
      if (!page.startsWith(features)) continue;
      const feature = relative(features, page).split("/")[0] as string;
      for (const id of reach(graph, [page]))
        if (!first.has(id)) users.set(id, (users.get(id) ?? new Set()).add(feature));
    }
  }
  return users;
}
