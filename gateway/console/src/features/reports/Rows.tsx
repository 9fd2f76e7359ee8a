import { Alert, Button, Drawer, Grid as Screen, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OperationId } from "../../api/call.ts";
import { codeText, operationOf, type Schema, schemaOf, text } from "../../api/contract.ts";
import { useProblemText } from "../../ui/feedback.ts";
import { Cards } from "../../ui/list/Cards.tsx";
import type { Column, Row } from "../../ui/list/columns.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { Foot } from "../../ui/list/Foot.tsx";
import { Grid } from "../../ui/list/Grid.tsx";
import { useRows } from "../../ui/list/rows.ts";
import { type ListState, listQuery, useAddress } from "../../ui/list/state.ts";
import { packPart, unpackPart } from "./rules.ts";

interface Properties {
  operation: OperationId<"reporting">;
  exported: OperationId<"reporting">;
  columns: Column[];
  /** Where in the address the open rows stand. */
  place?: string;
  /** What the report is limited to without its address naming it. */
  fixed?: ListState;
  to: (row: Row) => string | undefined;
  /** Names of values that the contract does not have. */
  nameOf?: (filter: string, value: string) => string | undefined;
}

/** The rows behind a figure, over the report: open while the address says so. */
export function Rows(properties: Properties) {
  const { place = "rows" } = properties;
  const { t } = useTranslation("reports");
  const { search, change } = useAddress();
  const phone = !Screen.useBreakpoint().md;
  const packed = search[place];
  // What was open last stays until the drawer has gone: only then does it return the focus.
  const [last, setLast] = useState(packed);
  if (packed && packed !== last) setLast(packed);
  const part = unpackPart(packed ?? last);
  if (!part) return null;
  const shown = { ...properties, part };
  return (
    <Drawer
      open={packed !== undefined}
      afterOpenChange={(open) => open || setLast(undefined)}
      title={<RowsTitle {...shown} />}
      size={phone ? "100%" : 1040}
      onClose={() => change({ [place]: undefined })}
      closable={{ "aria-label": t("rows.close") }}
      styles={{ body: { padding: 0, display: "flex", flexDirection: "column" } }}
      extra={<RowsExport {...shown} />}
    >
      <RowList {...shown} />
    </Drawer>
  );
}

/** What the contract says of the rows that an operation lists. */
function rowSchema(id: OperationId<"reporting">): Schema {
  const page = schemaOf("reporting", operationOf("reporting", id).answer ?? "");
  return schemaOf("reporting", page.fields.items?.schema ?? "");
}

type Open = Properties & { part: Record<string, string> };

/** What the rows have in common. */
function RowsTitle({ part, operation, nameOf }: Open) {
  const { t } = useTranslation("reports");
  const { query } = operationOf("reporting", operation);
  const { fields } = rowSchema(operation);
  const words = Object.entries(part)
    .filter(([name]) => name in query && name !== "sort")
    .map(([name, value]) =>
      name === "missing"
        ? t("rows.missing", { name: codeText(query.missing, value) })
        : `${text(query[name]?.label, name)} ${nameOf?.(name, value) ?? codeText(query[name]?.codes ? query[name] : fields[name], value)}`,
    );
  return <>{[t("rows.title"), ...words].join(" – ")}</>;
}

/** The filters of the report that its rows know, and those of the part. */
function useQueryOf({ operation, fixed, part }: Open): ListState {
  const { search } = useAddress();
  const of = operationOf("reporting", operation);
  const { sort: _, ...shared } = listQuery(search, of);
  return { ...shared, ...listQuery(fixed ?? {}, of), ...listQuery(part, of) };
}

function RowsExport(properties: Open) {
  const query = useQueryOf(properties);
  return <Export service="reporting" operation={properties.exported} query={query} />;
}

function RowList(properties: Open) {
  const { operation: id, columns, place = "rows", part, to } = properties;
  const { t } = useTranslation();
  const { change } = useAddress();
  const words = useProblemText();
  const phone = !Screen.useBreakpoint().md;
  const operation = operationOf("reporting", id);
  const schema = rowSchema(id);
  const query = useQueryOf(properties);
  const list = useRows("reporting", id, {}, query);
  const more = () => {
    if (list.hasNextPage && !list.isFetchingNextPage && !list.isError) list.fetchNextPage();
  };
  if (list.isError)
    return (
      <Alert
        className="k-report-fault"
        type="warning"
        showIcon
        title={words(list.error)}
        action={<Button onClick={() => list.refetch()}>{t("fault.again")}</Button>}
      />
    );
  if (list.isPending) return <Skeleton className="k-panel-body" title={false} paragraph={{ rows: 10 }} />;
  if (list.rows.length === 0)
    return (
      <div className="k-empty" role="status">
        <p>{t("list.none")}</p>
      </div>
    );
  return (
    <>
      {phone ? (
        <Cards rows={list.rows} columns={columns} schema={schema} path={to} />
      ) : (
        <Grid
          schema={schema}
          columns={columns}
          rows={list.rows}
          label={t("reports:rows.title")}
          busy={list.isPlaceholderData}
          path={to}
          sortable={Object.keys(operation.query.sort?.codes ?? {})}
          sort={query.sort ?? String(operation.query.sort?.default)}
          onSort={(sort) => change({ [place]: packPart({ ...part, sort }) }, true)}
          onEnd={more}
        />
      )}
      <Foot
        shown={list.rows.length}
        total={list.total}
        capped={list.capped}
        more={list.hasNextPage}
        loading={list.isFetchingNextPage}
        onMore={more}
      />
    </>
  );
}
