/** Where a website leads; people often leave out the scheme. */
export function websiteAddress(website: string): string {
  return /^https?:\/\//i.test(website) ? website : `https://${website}`;
}

/** The states of a churn warning on which somebody still acts. */
export const ACTIVE: ReadonlySet<string> = new Set(["open", "reprieved"]);

interface Count {
  value: string | null;
  count: number;
}

/** Which states of a request mean that somebody still works on it. */
const OPEN = new Set<string | null>(["created", "assigned", "handled"]);

/** How many requests there are, and how many of them are open. */
export function sumRequests(counts: readonly Count[]): { all: number; open: number } {
  const sum = (some: readonly Count[]) => some.reduce((total, { count }) => total + count, 0);
  return { all: sum(counts), open: sum(counts.filter(({ value }) => OPEN.has(value))) };
}
