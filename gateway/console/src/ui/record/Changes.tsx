import { Button, Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { type Schema, type Service, text } from "../../api/contract.ts";
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
  return (
    <>
      <Timeline
        items={(list.rows as Change[]).map((change) => ({
          key: change.id,
          content: <ChangeEntry change={change} schema={schema} />,
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

function ChangeEntry({ change, schema }: { change: Change; schema: Schema }) {
  const { t } = useTranslation();
  const shown = change.changes.filter(({ field }) => !SILENT.has(field) && schema.fields[field]);
  return (
    <>
      {shown.length === 0 && <span>{t(`changes.${change.action}`, { defaultValue: change.action })}</span>}
      {shown.map(({ field, old, new: now }) => (
        <div key={field} style={{ fontSize: 13 }}>
          <span className="k-muted">{text(schema.fields[field]?.label, field)}</span>{" "}
          <Value name={field} field={schema.fields[field]} row={{ [field]: old }} /> →{" "}
          <b>
            <Value name={field} field={schema.fields[field]} row={{ [field]: now }} />
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
