/** Small things that this browser remembers. A browser that forbids storage forgets them. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`kehu.${name}`, JSON.stringify(value));
  } catch {
    // Private windows may refuse: then it holds for this page only.
  }
}

export function recall<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`kehu.${name}`);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}
