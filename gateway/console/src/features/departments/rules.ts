export interface Placed {
  id: string;
  name: string;
  parent_id: string | null;
}

export interface InTree<D> {
  department: D;
  /** How far below the top. */
  depth: number;
}

/** The departments with each one's own below it. Whose parent is not among them stands on top. */
export function inTree<D extends Placed>(departments: readonly D[]): InTree<D>[] {
  const ids = new Set(departments.map((one) => one.id));
  const children = new Map<string | null, D[]>();
  for (const one of departments) {
    const parent = one.parent_id && ids.has(one.parent_id) ? one.parent_id : null;
    children.set(parent, [...(children.get(parent) ?? []), one]);
  }
  const under = (parent: string | null, depth: number): InTree<D>[] =>
    (children.get(parent) ?? []).flatMap((department) => [
      { department, depth },
      ...under(department.id, depth + 1),
    ]);
  return under(null, 0);
}

/** The department and all that are below it: none of them can be its parent. */
export function within<D extends Placed>(departments: readonly D[], id: string): Set<string> {
  const tree = inTree(departments);
  const start = tree.findIndex(({ department }) => department.id === id);
  const top = tree[start];
  if (!top) return new Set();
  const rest = tree.slice(start + 1);
  const end = rest.findIndex(({ depth }) => depth <= top.depth);
  const below = end < 0 ? rest : rest.slice(0, end);
  return new Set([id, ...below.map(({ department }) => department.id)]);
}
