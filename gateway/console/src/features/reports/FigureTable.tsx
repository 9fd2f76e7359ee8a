import { CaretDownOutlined, CaretUpOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Grid as Screen } from "antd";
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

function classOf(schema: Schema, column: Figure, index: number): string {
  const numeric = column.numeric ?? isNumeric(schema, column);
  return [numeric && "k-num", column.strong && "k-strong", index === 0 && "k-first"]
    .filter(Boolean)
    .join(" ");
}

function WideTable({ label, schema, columns, rows, rowKey, place, sum, sort }: Properties) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="k-figure-table" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <Head key={column.key} column={column} schema={schema} sort={sort} index={index} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, index) => (
                <td key={column.key} className={classOf(schema, column, index)}>
                  <FigureCell column={column} schema={schema} row={row} place={place} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {sum && (
          <tfoot>
            <tr>
              {columns.map((column, index) => (
                <td key={column.key} className={classOf(schema, column, index)}>
                  {sum[column.key]}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  );
}

interface HeadProperties {
  column: Figure;
  schema: Schema;
  sort: Properties["sort"];
  index: number;
}

function Head({ column, schema, sort, index }: HeadProperties) {
  const title = columnTitle(schema, column);
  const order =
    sort?.by === column.key ? "ascending" : sort?.by === `-${column.key}` ? "descending" : undefined;
  return (
    <th scope="col" aria-sort={order} className={classOf(schema, column, index)}>
      {sort?.fields.includes(column.key) ? (
        // Figures are first wanted from the largest.
        <button
          type="button"
          onClick={() => sort.set(order === "descending" ? column.key : `-${column.key}`)}
        >
          {title}
          {order === "ascending" && <CaretUpOutlined aria-hidden />}
          {order === "descending" && <CaretDownOutlined aria-hidden />}
        </button>
      ) : (
        title
      )}
    </th>
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
      // Current only while its rows are open, not because it leads to the page it is on.
      activeOptions={{ exact: true, includeSearch: true }}
      className={className}
      title={t("rows.open")}
      aria-label={label}
    >
      {children}
    </Link>
  );
}
