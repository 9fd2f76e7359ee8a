/** The pages that `g` and a letter open. */
export const PLACES: Record<string, string> = {
  h: "/",
  o: "/opportunities",
  c: "/customers",
  w: "/churn-warnings",
  r: "/requests",
  n: "/notifications",
};

/** Whether a key belongs to what is being typed, or to an open menu or dialog, and is no shortcut. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  if (event.isComposing || !target) return true;
  if (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)) return true;
  return target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}
