import { recall, remember } from "../lib/storage.ts";
import type { Schemas } from "./call.ts";
import { call, send } from "./call.ts";
import { queryClient, queryKey, useLoaded } from "./queries.ts";

export type Me = Schemas["auth"]["Me"];

/** Who is signed in. Pages below the shell may rely on it. */
export function useMe(): Me {
  const me = useLoaded("auth", "get_me", { staleTime: 60_000 }).data?.data;
  if (!me) throw new Error("Nobody is signed in.");
  return me as Me;
}

/** Whether the signed-in person has a permission, whatever its scope. */
export function useMay(): (permission: string | undefined) => boolean {
  const { permissions } = useMe();
  return (permission) => !permission || permission === "authenticated" || permission in permissions;
}

export const ME = queryKey("auth", "get_me");

export async function signIn(username: string, password: string): Promise<Me> {
  const response = await send("POST", "/api/v1/auth/session", { username, password }, { signIn: false });
  const me = (await response.json()) as Me;
  const before = recall<string | undefined>("person", undefined);
  // Nothing that another person read may be shown to this one.
  if (before !== me.id) queryClient.clear();
  remember("person", me.id);
  know(me);
  return me;
}

/** Keep who is signed in, with the version that a change of the profile builds on. */
function know(me: Me): void {
  queryClient.setQueryData(ME, { data: me, etag: `"${me.version}"` });
}

export async function signOut(): Promise<void> {
  await send("DELETE", "/api/v1/auth/session");
}

export function loadMe() {
  return queryClient.ensureQueryData({
    queryKey: ME,
    queryFn: ({ signal }) => call("auth", "get_me", { signal }),
    staleTime: 60_000,
  });
}

/** Choose a new password. All sessions end with it; this browser gets a new one in the same answer. */
export async function changePassword(old: string, chosen: string): Promise<void> {
  const body = { old_password: old, new_password: chosen };
  const response = await send("PUT", "/api/v1/auth/session/password", body);
  know((await response.json()) as Me);
}
