import { QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { newKey } from "../lib/keys.ts";
import {
  type AnswerOf,
  addressOf,
  type BodyOf,
  call,
  type Loaded,
  type OperationId,
  type PathOf,
  type QueryOf,
} from "./call.ts";
import type { Service } from "./contract.ts";
import { Problem } from "./problem.ts";

/** Repeat reading where the way was down for a moment; never a refusal. */
function worthAnotherTry(count: number, fault: Error): boolean {
  return fault instanceof Problem && fault.unavailable && fault.status !== 429 && count < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 600_000,
      retry: worthAnotherTry,
      refetchOnWindowFocus: true,
      // What the browser calls offline may have Kehu in its own office network, or on the same machine.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export function queryKey(service: Service, id: string, path?: unknown, query?: unknown) {
  return [service, id, path ?? {}, query ?? {}] as const;
}

interface Reading<S extends Service, O extends OperationId<S>> {
  path?: PathOf<S, O>;
  query?: QueryOf<S, O>;
  enabled?: boolean;
  /** Milliseconds after which to ask again, while something is still on its way. */
  again?: (answer: AnswerOf<S, O> | undefined) => number | false;
  staleTime?: number;
}

/** Read an operation: its answer and the version in it. */
export function useLoaded<S extends Service, O extends OperationId<S>>(
  service: S,
  id: O,
  reading: Reading<S, O> = {},
) {
  const { path, query, again, ...rest } = reading;
  return useQuery<Loaded<AnswerOf<S, O>>, Problem>({
    queryKey: queryKey(service, id, path, query),
    queryFn: ({ signal }) => call(service, id, { path, query, signal } as never),
    refetchInterval: ({ state }) => again?.(state.data?.data) ?? false,
    ...rest,
  });
}

/** Milliseconds after which the other services' read models have followed a change. */
const FOLLOWED = 1_000;

/**
 * After a change: read again what is on the page, and once more what other services show of it. What a deleted
 * record's own path names is not read again: its page is left in a moment.
 */
export function refresh(client: QueryClient, service: Service, deleted?: unknown): void {
  const names = Object.entries(deleted ?? {});
  const isOfDeleted = ({ queryKey }: { queryKey: readonly unknown[] }) =>
    names.length > 0 && names.every(([name, id]) => (queryKey[2] as any)?.[name] === id);
  client.invalidateQueries({ queryKey: [service], predicate: (query) => !isOfDeleted(query) });
  client.invalidateQueries({ predicate: isOfDeleted, refetchType: "none" });
  setTimeout(
    () =>
      client.invalidateQueries({
        predicate: (query) => query.queryKey[0] !== "auth" && !isOfDeleted(query),
      }),
    FOLLOWED,
  );
}

interface Change<S extends Service, O extends OperationId<S>> {
  path?: PathOf<S, O> | undefined;
  body?: BodyOf<S, O> | undefined;
  etag?: string | undefined;
}

/** What to call, where the operation is known only when a button is pressed. */
export interface Act {
  operation: string;
  path?: unknown;
  query?: unknown;
  body?: unknown;
  etag?: string | undefined;
}

/**
 * Change something. The key stays the same for repeats of one body until an answer came, so that a try
 * after a lost answer has no second effect.
 */
export function useAct(service: Service) {
  const client = useQueryClient();
  const last = useRef({ key: "", content: "" });
  return useMutation<Loaded<any>, Problem, Act>({
    mutationFn: async ({ operation, ...change }) => {
      const content = JSON.stringify([operation, change]);
      if (last.current.content !== content) last.current = { key: newKey(), content };
      try {
        const answer = await untilAnswered(() =>
          call(service, operation as never, { ...change, key: last.current.key } as never),
        );
        last.current.content = "";
        return answer;
      } catch (fault) {
        if (!(fault instanceof Problem && fault.unavailable)) last.current.content = "";
        throw fault;
      }
    },
    onSuccess: (_answer, { operation, path }) => {
      const { method } = addressOf(service, operation, (path ?? {}) as Record<string, unknown>);
      refresh(client, service, method === "DELETE" ? path : undefined);
    },
  });
}

/** Change something by one operation, with the types of its contract. */
export function useChange<S extends Service, O extends OperationId<S>>(service: S, operation: O) {
  const act = useAct(service);
  return {
    isPending: act.isPending,
    mutateAsync: (change: Change<S, O>): Promise<Loaded<AnswerOf<S, O>>> =>
      act.mutateAsync({ operation, ...change }),
  };
}

/** Milliseconds between questions whether the first try with a key has ended. */
const PAUSE = 1_000;

/** While the first try with the same key still runs, ask again for its answer. */
async function untilAnswered<T>(attempt: () => Promise<T>, tries = 20): Promise<T> {
  try {
    return await attempt();
  } catch (fault) {
    if (!(fault instanceof Problem && fault.code === "idempotency-key-running" && tries > 1)) throw fault;
    await new Promise((resume) => setTimeout(resume, PAUSE));
    return untilAnswered(attempt, tries - 1);
  }
}
