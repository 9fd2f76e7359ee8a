export interface Group {
  resource: string;
  permissions: string[];
}

/** Permissions such as customer:read by what they are about, both in their order. */
export function byResource(names: readonly string[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const resource = name.split(":")[0] ?? name;
    groups.set(resource, [...(groups.get(resource) ?? []), name]);
  }
  return [...groups].map(([resource, permissions]) => ({ resource, permissions }));
}
