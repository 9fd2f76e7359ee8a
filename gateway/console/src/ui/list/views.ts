import { useQueryClient } from "@tanstack/react-query";
import { call, type Schemas } from "../../api/call.ts";
import { queryKey, useLoaded } from "../../api/queries.ts";
import type { ListState } from "./state.ts";

export type SavedView = Schemas["auth"]["SavedView"];

/** A view: a tab over the list, with what it sets in the address. */
export interface View {
  key: string;
  label: string;
  state: ListState;
  /** How many rows it has, where the page knows. */
  count?: number | undefined;
  columns?: readonly string[];
  saved?: SavedView;
}

/** The saved views of a list that this person may use: their own and those shared with them. */
export function useSavedViews(list: string): View[] {
  const answer = useLoaded("auth", "list_saved_views", {
    query: { list_name: [list], limit: 100 },
    staleTime: 300_000,
  } as never);
  const items: SavedView[] = (answer.data?.data as any)?.items ?? [];
  return items.map((saved) => ({
    key: saved.id,
    label: saved.name,
    state: stateOf(saved),
    columns: saved.columns,
    saved,
  }));
}

function stateOf(saved: SavedView): ListState {
  const filters = Object.entries(saved.filters).map(([name, value]) => [name, String(value)]);
  return { ...Object.fromEntries(filters), ...(saved.sort ? { sort: saved.sort } : {}) };
}

/** Change saved views; each answers when the server has it. */
export function useViewChanges(list: string) {
  const client = useQueryClient();
  const done = () => client.invalidateQueries({ queryKey: queryKey("auth", "list_saved_views").slice(0, 2) });
  const fresh = async (id: string) =>
    (await call("auth", "get_saved_view", { path: { view_id: id } })).etag ?? "";
  return {
    async create(name: string, state: ListState, columns: readonly string[]): Promise<string> {
      const { sort, ...filters } = state;
      const body = { list_name: list, name, filters, sort: sort ?? null, columns: [...columns] };
      const { data } = await call("auth", "create_saved_view", { body });
      await done();
      return data.id;
    },
    async update(id: string, state: ListState, columns: readonly string[]): Promise<void> {
      const { sort, ...filters } = state;
      const body = { filters, sort: sort ?? null, columns: [...columns] };
      await call("auth", "update_saved_view", { path: { view_id: id }, body, etag: await fresh(id) });
      await done();
    },
    async remove(id: string): Promise<void> {
      await call("auth", "delete_saved_view", { path: { view_id: id }, etag: await fresh(id) });
      await done();
    },
    async share(id: string, role: string | null): Promise<void> {
      const path = { view_id: id };
      if (role)
        await call("auth", "share_saved_view", {
          path,
          body: { shared_with_role: role },
          etag: await fresh(id),
        } as never);
      else await call("auth", "unshare_saved_view", { path, etag: await fresh(id) });
      await done();
    },
    async makeDefault(id: string, wanted: boolean): Promise<void> {
      const operation = wanted ? "make_saved_view_default" : "remove_saved_view_default";
      await call("auth", operation, { path: { view_id: id }, etag: await fresh(id) });
      await done();
    },
  };
}
