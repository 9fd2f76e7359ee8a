/** Where a path such as `/customers/7?tab=orders` leads, as the router takes it. */
export function linkOf(path: string): { to: string; search: Record<string, string> } {
  const [to = ".", query] = path.split("?");
  return { to, search: Object.fromEntries(new URLSearchParams(query)) };
}
