import { Button, Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { type Schema, type Service, text } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { useRows } from "../list/rows.ts";
import type { ListState } from "../list/state.ts";
import { Dot, Moment, Value } from "../Values.tsx";

interface Change {
  id: string;
  occurred_at: string;
  actor_name: string | null;
  action: string;
  changes: { field: string; old: unknown; new: unknown }[];
}

interface Properties {
  service: Service;
  operation: string;
  path?: Record<string, string>;
  /** Which of the entries, where the operation lists those of all records. */
  query?: ListState;
  schema: Schema;
}

/** Fields that say nothing to people. */
const SILENT = new Set(["version", "updated_at", "updated_by", "kanban_rank"]);

/** Ids that one request may name. */
const MOST_PEOPLE = 200;

/** The field with the name of the person in another field. */
function nameOf(field: string): string {
  return `${field.replace(/_id$/, "")}_name`;
}

/** Who changed what of a record, and when: newest first. */
export function Changes({ service, operation, path = {}, query = {}, schema }: Properties) {
  const { t } = useTranslation();
  const list = useRows(service, operation, path, query);
  const names = useNames(list.rows as Change[], schema);
  return (
    <>
      <Timeline
        items={(list.rows as Change[]).map((change) => ({
          key: change.id,
          content: <ChangeEntry change={change} schema={schema} names={names} />,
        }))}
      />
      {list.hasNextPage && (
        <Button
          type="link"
          size="small"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("list.more")}
        </Button>
      )}
    </>
  );
}

/** The names of the people whom changes name by their ids. */
function useNames(changes: Change[], schema: Schema): ReadonlyMap<unknown, string> {
  const ids = changes
    .flatMap((change) => change.changes)
    .filter(({ field }) => nameOf(field) in schema.fields)
    .flatMap((change) => [change.old, change.new])
    .filter((id): id is string => typeof id === "string");
  const id = [...new Set(ids)].sort().slice(0, MOST_PEOPLE);
  const { data } = useLoaded("auth", "list_people", {
    query: { id, limit: MOST_PEOPLE },
    enabled: id.length > 0,
    staleTime: 600_000,
  });
  return new Map(data?.data.items.map((person) => [person.id, person.display_name]));
}

function ChangeEntry({
  change,
  schema,
  names,
}: {
  change: Change;
  schema: Schema;
  names: ReadonlyMap<unknown, string>;
}) {
  const { t } = useTranslation();
  // What a new record held at first is the record itself.
  const told = change.action === "created" ? [] : change.changes;
  const shown = told.filter(({ field }) => !SILENT.has(field) && schema.fields[field]);
  const row = (field: string, value: unknown) =>
    names.has(value) ? { [field]: value, [nameOf(field)]: names.get(value) } : { [field]: value };
  return (
    <>
      {shown.length === 0 && <span>{t(`changes.${change.action}`, { defaultValue: change.action })}</span>}
      {shown.map(({ field, old, new: now }) => (
        <div key={field} style={{ fontSize: 13 }}>
          <span className="k-muted">{text(schema.fields[field]?.label, field)}</span>{" "}
          <Value name={field} field={schema.fields[field]} row={row(field, old)} /> →{" "}
          <b>
            <Value name={field} field={schema.fields[field]} row={row(field, now)} />
          </b>
        </div>
      ))}
      <div className="k-small k-muted">
        {change.actor_name ?? t("changes.system")}
        <Dot />
        <Moment value={change.occurred_at} />
      </div>
    </>
  );
}
