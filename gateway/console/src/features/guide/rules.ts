/** The pages for everybody and then those of the roles, in the order of a company's work. */
const ORDER = [
  "first-steps",
  "account-manager",
  "sales-director",
  "service-agent",
  "marketing-specialist",
  "executive",
  "admin",
];

/** The names of the pages as they are listed: those of one's own roles come first. */
export function ordered(names: readonly string[], own: ReadonlySet<string>): string[] {
  const place = (name: string) => ORDER.indexOf(name) - (own.has(name) ? ORDER.length : 0);
  return [...names].sort((one, other) => place(one) - place(other));
}
