import { Button, Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { type Schema, type Service, text } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { useRows } from "../list/rows.ts";
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
  path: Record<string, string>;
  schema: Schema;
}

/** Fields that say nothing to people. */
const SILENT = new Set(["version", "updated_at", "updated_by", "kanban_rank"]);

/** Who changed what of a record, and when: newest first. */
export function Changes({ service, operation, path, schema }: Properties) {
  const { t } = useTranslation();
  const list = useRows(service, operation, path, {});
  const changes = list.rows as Change[];
  const names = useNames(changes, schema);
  return (
    <>
      <Timeline
        items={changes.map((change) => ({
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

type Names = Record<string, string>;

/** The field that has the name of who is meant by this one. */
function nameField(field: string): string {
  return `${field.replace(/_id$/, "")}_name`;
}

/** The names of the people in these changes, whose ids the history keeps; asked for at once. */
function useNames(changes: Change[], schema: Schema): Names {
  const ids = changes
    .flatMap((change) => change.changes)
    .filter(({ field }) => schema.fields[field]?.kind === "id" && schema.fields[nameField(field)])
    .flatMap(({ old, new: now }) => [old, now])
    .filter((id): id is string => typeof id === "string");
  const id = [...new Set(ids)].sort();
  const people = useLoaded("auth", "list_people", {
    query: { id, limit: 200 },
    enabled: id.length > 0,
    staleTime: 600_000,
  });
  return Object.fromEntries(
    (people.data?.data.items ?? []).map((person) => [person.id, person.display_name]),
  );
}

function ChangeEntry({ change, schema, names }: { change: Change; schema: Schema; names: Names }) {
  const { t } = useTranslation();
  const isId = (field: string) => schema.fields[field]?.kind === "id";
  // An id without a name says nothing to people.
  const isNamed = (id: unknown) => id === null || String(id) in names;
  const shown = change.changes.filter(
    ({ field, old, new: now }) =>
      !SILENT.has(field) && schema.fields[field] && (!isId(field) || (isNamed(old) && isNamed(now))),
  );
  const rowOf = (field: string, value: unknown) =>
    isId(field) ? { [nameField(field)]: names[String(value)], [field]: value } : { [field]: value };
  return (
    <>
      {shown.length === 0 && <span>{t(`changes.${change.action}`, { defaultValue: change.action })}</span>}
      {shown.map(({ field, old, new: now }) => (
        <div key={field} style={{ fontSize: 13 }}>
          <span className="k-muted">{text(schema.fields[field]?.label, field)}</span>{" "}
          <Value name={field} field={schema.fields[field]} row={rowOf(field, old)} /> →{" "}
          <b>
            <Value name={field} field={schema.fields[field]} row={rowOf(field, now)} />
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
