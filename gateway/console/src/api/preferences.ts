import { useQueryClient } from "@tanstack/react-query";
import type { Loaded, Schemas } from "./call.ts";
import { call } from "./call.ts";
import { Problem } from "./problem.ts";
import { queryKey, useLoaded } from "./queries.ts";

export type Preferences = Schemas["auth"]["Preferences"];
type Patch = Schemas["auth"]["PreferencesPatch"];

const KEY = queryKey("auth", "get_my_preferences");
const DEFAULTS: Preferences = {
  columns: {},
  theme: "system",
  density: "comfortable",
  shortcuts: true,
  version: 0,
};

/** How the signed-in person likes the console; the defaults until it is known. */
export function usePreferences(): Preferences {
  return useLoaded("auth", "get_my_preferences", { staleTime: 300_000 }).data?.data ?? DEFAULTS;
}

/** Change preferences: shown at once, and saved; another tab's change since is read, and ours repeated on it. */
export function useChangePreferences(): (patch: Patch) => Promise<void> {
  const client = useQueryClient();
  return async (patch) => {
    // What is being read now was asked before this choice, and would undo it on the page.
    client.cancelQueries({ queryKey: KEY });
    const shown = client.getQueryData<Loaded<Preferences>>(KEY);
    client.setQueryData(KEY, { data: { ...(shown?.data ?? DEFAULTS), ...patch }, etag: shown?.etag });
    try {
      client.setQueryData(KEY, await save(patch, shown?.etag));
    } catch (fault) {
      if (!(fault instanceof Problem && (fault.status === 412 || fault.status === 428))) throw fault;
      const { etag } = await call("auth", "get_my_preferences");
      client.setQueryData(KEY, await save(patch, etag));
    }
  };
}

function save(patch: Patch, etag: string | undefined) {
  return call("auth", "change_my_preferences", { body: patch, ...(etag ? { etag } : {}) });
}
