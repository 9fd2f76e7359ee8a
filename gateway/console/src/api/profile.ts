import type { Schemas } from "./call.ts";
import { call } from "./call.ts";
import { queryClient, queryKey } from "./queries.ts";

/** Change one's own profile on its newest version: single choices, which nobody else makes. */
export function useSaveProfile(): (change: Schemas["auth"]["Profile"]) => Promise<void> {
  return async (change) => {
    const { etag } = await call("auth", "get_me");
    queryClient.setQueryData(
      queryKey("auth", "get_me"),
      await call("auth", "change_me", { body: change, ...(etag ? { etag } : {}) }),
    );
  };
}
