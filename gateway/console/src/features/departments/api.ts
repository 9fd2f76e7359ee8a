import { useQuery } from "@tanstack/react-query";
import { call, type Schemas } from "../../api/call.ts";
import { useMay } from "../../api/me.ts";
import type { Problem } from "../../api/problem.ts";
import { queryKey } from "../../api/queries.ts";
import { inTree } from "./rules.ts";

export type Department = Schemas["auth"]["Department"];

/** All departments, as there are never so many that a tree of them could not be shown; by name. */
export function useDepartments() {
  const may = useMay();
  return useQuery<Department[], Problem>({
    queryKey: [...queryKey("auth", "list_departments"), "all"],
    queryFn: ({ signal }) => readAll(signal),
    enabled: may("department:read"),
    staleTime: 60_000,
  });
}

async function readAll(signal: AbortSignal): Promise<Department[]> {
  const found: Department[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await call("auth", "list_departments", {
      query: { limit: 200, cursor },
      signal,
    } as never);
    found.push(...(data.items as Department[]));
    cursor = data.next_cursor ?? undefined;
  } while (cursor);
  return found;
}

export function useDepartmentName(): (id: string | null | undefined) => string | undefined {
  const { data = [] } = useDepartments();
  return (id) => data.find((one) => one.id === id)?.name;
}

export interface DepartmentOption {
  value: string;
  label: string;
  depth: number;
}

/** The departments as choices, each below its parent. */
export function useDepartmentOptions(): DepartmentOption[] {
  const { data = [] } = useDepartments();
  return inTree(data).map(({ department, depth }) => ({
    value: department.id,
    label: department.name,
    depth,
  }));
}
