import { Link, useNavigate } from "@tanstack/react-router";
import { Alert, Button, Grid, Skeleton, Table } from "antd";
import { useTranslation } from "react-i18next";
import { operationOf, type Service, schemaOf } from "../../api/contract.ts";
import { useProblemText } from "../feedback.ts";
import { Cards } from "./Cards.tsx";
import { Cell, type Column, columnTitle, isNumeric, type Row } from "./columns.tsx";
import { Foot } from "./Foot.tsx";
import { linkOf } from "./link.ts";
import { useRows } from "./rows.ts";

interface Properties {
  service: Service;
  operation: string;
  path?: Record<string, string>;
  query?: Record<string, string>;
  label: string;
  columns: Column[];
  to: (row: Row) => string;
  empty: string;
}

/** The records of one kind that belong to the record of a page: all in one table, page after page. */
export function Related({
  service,
  operation,
  path = {},
  query = {},
  label,
  columns,
  to,
  empty,
}: Properties) {
  const { t } = useTranslation();
  const words = useProblemText();
  const phone = !Grid.useBreakpoint().md;
  const list = useRows(service, operation, path, query);
  const answer = schemaOf(service, operationOf(service, operation).answer ?? "");
  const schema = schemaOf(service, answer.fields.items?.schema ?? "");
  if (list.isPending) return <Skeleton title={false} paragraph={{ rows: 5 }} />;
  if (list.isError)
    return (
      <Alert
        type="warning"
        showIcon
        title={words(list.error)}
        action={<Button onClick={() => list.refetch()}>{t("fault.again")}</Button>}
      />
    );
  if (list.rows.length === 0) return <p className="k-muted">{empty}</p>;
  return (
    <div className="k-panel">
      {phone ? (
        <Cards rows={list.rows} columns={columns} schema={schema} path={to} />
      ) : (
        <RowsTable rows={list.rows} columns={columns} schema={schema} to={to} label={label} />
      )}
      <Foot
        shown={list.rows.length}
        total={list.total}
        capped={list.capped}
        more={list.hasNextPage}
        loading={list.isFetchingNextPage}
        onMore={() => list.fetchNextPage()}
      />
    </div>
  );
}

interface TableProperties {
  rows: Row[];
  columns: Column[];
  schema: ReturnType<typeof schemaOf>;
  to: (row: Row) => string;
  label: string;
}

/** Rows as a table that grows with them: a part of a page. */
export function RowsTable({ rows, columns, schema, to, label }: TableProperties) {
  const navigate = useNavigate();
  return (
    <Table<Row>
      className="k-table"
      aria-label={label}
      rowKey="id"
      size="middle"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      onRow={(row) => ({
        onClick: (event) => {
          if (!(event.target as HTMLElement).closest("a, button")) navigate(linkOf(to(row)) as never);
        },
      })}
      columns={columns.map((column, index) => ({
        key: column.key,
        title: columnTitle(schema, column),
        align: isNumeric(schema, column) ? "end" : "start",
        className: column.strong ? "k-strong" : "",
        render: (_: unknown, row: Row) => {
          const cell = <Cell column={column} schema={schema} row={row} />;
          return index === 0 ? <Link {...linkOf(to(row))}>{cell}</Link> : cell;
        },
      }))}
    />
  );
}
