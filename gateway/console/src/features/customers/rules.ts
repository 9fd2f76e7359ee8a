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

/** How many there are, and how many of them are in one of these states. */
export function sumOf(counts: readonly Count[], states: readonly string[]): { all: number; some: number } {
  const sum = (some: readonly Count[]) => some.reduce((total, { count }) => total + count, 0);
  return { all: sum(counts), some: sum(counts.filter(({ value }) => states.includes(value ?? ""))) };
}
