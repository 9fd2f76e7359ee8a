import { Link } from "@tanstack/react-router";
import { Grid as Screen, Table } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/contract.ts";
import { Cell, type Column, columnTitle, isNumeric, type Row } from "../../ui/list/columns.tsx";
import type { ListState } from "../../ui/list/state.ts";
import { useAddress } from "../../ui/list/state.ts";
import { packPart } from "./rules.ts";

export interface Figure extends Column {
  /** Figures stand at the end; needed only where the contract does not say that it is one. */
  numeric?: boolean;
  /** The figure opens the rows behind it: their filters, none where there is nothing to open. */
  opens?: (row: any) => ListState | undefined;
}

interface Properties {
  label: string;
  schema: Schema;
  columns: Figure[];
  rows: Row[];
  rowKey: (row: any) => string;
  /** Where in the address the open rows stand. */
  place?: string;
  /** The last row: what the server says of all together, by the columns' keys. */
  sum?: Record<string, ReactNode>;
  sort?: { by: string; fields: readonly string[]; set: (sort: string) => void };
}

/** The figures of a report: a table, on phones cards. */
export function FigureTable(properties: Properties) {
  const phone = !Screen.useBreakpoint().md;
  return phone ? <FigureCards {...properties} /> : <WideTable {...properties} />;
}

function alignOf(schema: Schema, column: Figure): "start" | "end" {
  return (column.numeric ?? isNumeric(schema, column)) ? "end" : "start";
}

function WideTable({ label, schema, columns, rows, rowKey, place, sum, sort }: Properties) {
  return (
    <Table<Row>
      aria-label={label}
      rowKey={rowKey}
      size="middle"
      pagination={false}
      scroll={{ x: "max-content" }}
      showSorterTooltip={false}
      dataSource={rows}
      columns={columns.map((column, index) => ({
        key: column.key,
        fixed: index === 0 ? ("start" as const) : undefined,
        title: columnTitle(schema, column),
        align: alignOf(schema, column),
        ...(column.width && { width: column.width }),
        className: column.strong ? "k-strong" : "",
        render: (_: unknown, row: Row) => (
          <FigureCell column={column} schema={schema} row={row} place={place} />
        ),
        ...(sort?.fields.includes(column.key) && {
          sorter: true,
          sortOrder: sort.by === column.key ? "ascend" : sort.by === `-${column.key}` ? "descend" : null,
          // Figures are first wanted from the largest.
          onHeaderCell: () => ({
            onClick: () => sort.set(sort.by === `-${column.key}` ? column.key : `-${column.key}`),
          }),
        }),
      }))}
      summary={
        sum &&
        (() => (
          <Table.Summary.Row className="k-strong">
            {columns.map((column, index) => (
              <Table.Summary.Cell key={column.key} index={index} align={alignOf(schema, column)}>
                {sum[column.key]}
              </Table.Summary.Cell>
            ))}
          </Table.Summary.Row>
        ))
      }
    />
  );
}

function FigureCards({ label, schema, columns, rows, rowKey, place, sum }: Properties) {
  const [name, ...figures] = columns;
  const shown = [
    ...rows.map((row) => ({ key: rowKey(row), row })),
    ...(sum ? [{ key: "", row: undefined }] : []),
  ];
  return (
    <ul className="k-report-cards" aria-label={label}>
      {shown.map(({ key, row }) => (
        <li key={key}>
          <b>{row ? name && <Cell column={name} schema={schema} row={row} /> : sum?.[name?.key ?? ""]}</b>
          <dl className="k-facts">
            {figures
              .filter((column) => row || sum?.[column.key] !== undefined)
              .map((column) => (
                <div key={column.key} className="k-contents">
                  <dt>{columnTitle(schema, column)}</dt>
                  <dd>
                    {row ? (
                      <FigureCell column={column} schema={schema} row={row} place={place} />
                    ) : (
                      sum?.[column.key]
                    )}
                  </dd>
                </div>
              ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

interface CellProperties {
  column: Figure;
  schema: Schema;
  row: Row;
  place: string | undefined;
}

function FigureCell({ column, schema, row, place }: CellProperties) {
  const cell = <Cell column={column} schema={schema} row={row} />;
  const part = column.opens?.(row);
  return part ? (
    <OpenRows part={part} place={place}>
      {cell}
    </OpenRows>
  ) : (
    cell
  );
}

/** A figure that opens the rows behind it, in place: a link, for mouse and keyboard alike. */
export function OpenRows({
  part,
  place = "rows",
  children,
  className,
  label,
}: {
  part: ListState;
  place?: string | undefined;
  children: ReactNode;
  className?: string;
  label?: string;
}) {
  const { t } = useTranslation("reports");
  const { search } = useAddress();
  return (
    <Link
      to="."
      search={{ ...search, [place]: packPart(part) } as never}
      resetScroll={false}
      className={className}
      title={t("rows.open")}
      aria-label={label}
    >
      {children}
    </Link>
  );
}
