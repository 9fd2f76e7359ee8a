type Values = Record<string, unknown>;

export interface Merge {
  /** What to send: my changes, and nothing that only the other side changed. */
  mine: Values;
  /** Fields that both sides changed, to different values. */
  conflicts: string[];
}

export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** The fields of `values` that differ from the record they were taken from. */
export function changedFields(base: Values, values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => !same(base[name], value)));
}

/**
 * Merge my changes with a colleague's: a field that only one side changed keeps that change. Where theirs
 * equals mine, nothing is left to send: it was my own change, whose answer was lost, or the same thought.
 */
export function mergeChanges(base: Values, mine: Values, theirs: Values): Merge {
  const left = Object.entries(mine).filter(([name, value]) => !same(theirs[name], value));
  const conflicts = left.map(([name]) => name).filter((name) => !same(base[name], theirs[name]));
  return { mine: Object.fromEntries(left), conflicts };
}
