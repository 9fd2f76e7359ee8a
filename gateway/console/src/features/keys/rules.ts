export type KeyState = "next" | "signs" | "retired";

export interface Times {
  kid: string;
  signs_from: string;
  expires_at: string | null;
}

/** What each key does now: the newest that has begun signs, those before it only prove what they signed. */
export function statesOf(keys: readonly Times[], now: Date): Map<string, KeyState> {
  const begun = keys.filter((key) => new Date(key.signs_from) <= now && !hasEnded(key, now));
  const signing = begun.toSorted((one, other) => other.signs_from.localeCompare(one.signs_from))[0];
  return new Map(
    keys.map((key) => {
      if (key === signing) return [key.kid, "signs"];
      return [key.kid, new Date(key.signs_from) > now ? "next" : "retired"];
    }),
  );
}

function hasEnded({ expires_at }: Times, now: Date): boolean {
  return expires_at !== null && new Date(expires_at) <= now;
}
