import { useState } from "react";
import { call, type Loaded } from "../../api/call.ts";
import type { Service } from "../../api/contract.ts";
import { Problem } from "../../api/problem.ts";
import { useChange } from "../../api/queries.ts";
import { changedFields, mergeChanges } from "../../lib/merge.ts";

type Row = Record<string, any>;

/** What a form changes: a record at a version, or nothing yet. */
export interface Target {
  service: Service;
  operation: string;
  path?: Record<string, string> | undefined;
  /** The record as the form got it, for operations that edit it. */
  base?: Loaded<Row> | undefined;
  /** The operation that reads it anew, after a colleague's change. */
  read?: string | undefined;
  /** Whether only changed fields are sent, as PATCH wants. */
  partial?: boolean | undefined;
}

/** Fields that a colleague and I changed, for the person to decide. */
export interface Conflict {
  fields: string[];
  base: Row;
  mine: Row;
  theirs: Loaded<Row>;
}

export type Outcome = { saved: Row } | { conflict: Conflict };

/** Send a form, and once more by itself where a colleague's change meets none of mine. */
export function useSubmit(target: Target) {
  const change = useChange(target.service, target.operation as never);
  const [fault, setFault] = useState<Problem>();

  async function send(body: Row, etag: string | undefined): Promise<Row> {
    const { data } = await change.mutateAsync({ path: target.path, body, etag } as never);
    return data as Row;
  }

  async function meet(mine: Row, problem: Problem): Promise<Outcome> {
    if (problem.status !== 412 || !target.read || !target.base) throw problem;
    const theirs = (await call(
      target.service,
      target.read as never,
      { path: target.path } as never,
    )) as Loaded<Row>;
    const merge = mergeChanges(target.base.data, mine, theirs.data);
    if (Object.keys(merge.mine).length === 0) return { saved: theirs.data };
    if (merge.conflicts.length === 0) return { saved: await send(merge.mine, theirs.etag) };
    return { conflict: { fields: merge.conflicts, base: target.base.data, mine: merge.mine, theirs } };
  }

  async function attempt(work: () => Promise<Outcome>): Promise<Outcome | undefined> {
    setFault(undefined);
    try {
      return await work();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setFault(problem);
      return undefined;
    }
  }

  return {
    fault,
    busy: change.isPending,
    /** Save what the form holds. */
    submit: (values: Row) =>
      attempt(async () => {
        const body = target.partial && target.base ? changedFields(target.base.data, values) : values;
        if (target.partial && Object.keys(body).length === 0 && target.base)
          return { saved: target.base.data };
        return send(body, target.base?.etag).then(
          (saved) => ({ saved }),
          (problem) => meet(body, problem),
        );
      }),
    /** Save what was decided about a conflict. */
    resolve: (body: Row, theirs: Loaded<Row>) =>
      attempt(async () =>
        Object.keys(body).length ? { saved: await send(body, theirs.etag) } : { saved: theirs.data },
      ),
  };
}
