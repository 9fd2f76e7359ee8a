import { useQueryClient } from "@tanstack/react-query";
import type { Loaded, Schemas } from "./call.ts";
import { call } from "./call.ts";
import { ME, type Me, useMe } from "./me.ts";
import { Problem } from "./problem.ts";

export type Preferences = Schemas["auth"]["Preferences"];
type Patch = Schemas["auth"]["PreferencesPatch"];

/** How the signed-in person likes the console. */
export function usePreferences(): Preferences {
  return useMe().preferences;
}

/** Change preferences: shown at once, and saved; another tab's change since is read, and ours repeated on it. */
export function useChangePreferences(): (patch: Patch) => Promise<void> {
  const client = useQueryClient();
  const { preferences: shown } = useMe();
  const show = (preferences: Preferences) =>
    client.setQueryData<Loaded<Me>>(ME, (me) => me && { ...me, data: { ...me.data, preferences } });
  return async (patch) => {
    // What is being read now was asked before this choice, and would undo it on the page.
    client.cancelQueries({ queryKey: ME });
    show({ ...shown, ...patch } as Preferences);
    try {
      show(await save(patch, shown));
    } catch (fault) {
      if (!(fault instanceof Problem && fault.status === 412)) throw fault;
      show(await save(patch, (await call("auth", "get_my_preferences")).data));
    }
  };
}

async function save(patch: Patch, { version }: Preferences): Promise<Preferences> {
  return (await call("auth", "change_my_preferences", { body: patch, etag: `"${version}"` })).data;
}
