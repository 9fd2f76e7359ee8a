import { CaretDownOutlined, CaretUpOutlined } from "@ant-design/icons";
import { Link, useNavigate } from "@tanstack/react-router";
import { Checkbox } from "antd";
import { type MouseEvent, memo, type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/contract.ts";
import { language } from "../../i18n/start.ts";
import { Cell, type Column, columnTitle, columnWidth, isNumeric, type Row } from "./columns.tsx";
import { linkOf } from "./link.ts";
import { useRowKeys, useWindow } from "./window.ts";

interface Properties {
  schema: Schema;
  columns: Column[];
  rows: Row[];
  label: string;
  /** Whether other rows are on their way. */
  busy?: boolean;
  height?: 32 | 40;
  path?: (row: Row) => string | undefined;
  /** Shows a row that has no path. */
  onOpen?: ((row: Row) => void) | undefined;
  /** The names that the list can be sorted by. */
  sortable?: readonly string[];
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  selected?: readonly string[];
  onSelect?: ((ids: string[]) => void) | undefined;
  /** Called when the last rows come into sight. */
  onEnd?: () => void;
}

const NOTHING: readonly string[] = [];

/** The rows of a list as a table. Only those in sight exist, so a million rows cost as much as forty. */
export function Grid(properties: Properties) {
  const { rows, columns, schema, height = 40, onEnd, onOpen, selected = NOTHING, onSelect } = properties;
  const { frame, first, last } = useWindow(rows.length, height);
  const navigate = useNavigate();
  const toggle = (row: Row) =>
    onSelect?.(selected.includes(row.id) ? selected.filter((id) => id !== row.id) : [...selected, row.id]);
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length) onEnd?.();
  }, [last, rows.length, onEnd]);
  useRowKeys(frame, height, rows, toggle);
  const path = properties.path ?? (() => undefined);
  const open = (event: MouseEvent, row: Row) => {
    // Selecting text, links and buttons within the row are no wish to open it.
    const target = event.target as HTMLElement;
    if (target.closest("a, button:not(.k-open), input, label") || getSelection()?.toString()) return;
    const to = path(row);
    if (to) navigate(linkOf(to) as never);
    else onOpen?.(row);
  };
  const width = columns.reduce((sum, column) => sum + columnWidth(schema, column), onSelect ? 52 : 0);
  const span = columns.length + (onSelect ? 1 : 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section ref={frame} className="k-grid" aria-label={properties.label} tabIndex={0}>
      <table aria-rowcount={rows.length + 1} aria-busy={properties.busy} style={{ minWidth: width }}>
        <Head {...properties} selected={selected} />
        <tbody>
          <Gap height={first * height} span={span} />
          {rows.slice(first, last).map((row, index) => (
            <tr
              key={row.id ?? first + index}
              aria-rowindex={first + index + 2}
              aria-selected={onSelect ? selected.includes(row.id) : undefined}
              style={{ height, cursor: path(row) || onOpen ? "pointer" : undefined }}
              onClick={(event) => open(event, row)}
            >
              {onSelect && (
                <td className="k-choose">
                  <RowChoice row={row} chosen={selected.includes(row.id)} onToggle={toggle} />
                </td>
              )}
              <Cells
                row={row}
                columns={columns}
                schema={schema}
                to={path(row)}
                opens={Boolean(onOpen)}
                spoken={language()}
              />
            </tr>
          ))}
          <Gap height={(rows.length - last) * height} span={span} />
        </tbody>
      </table>
    </section>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

function RowChoice({ row, chosen, onToggle }: { row: Row; chosen: boolean; onToggle: (row: Row) => void }) {
  const { t } = useTranslation();
  return (
    <Checkbox
      checked={chosen}
      aria-label={t("list.choose", { name: row.number ?? row.name ?? "" })}
      onChange={() => onToggle(row)}
    />
  );
}

interface CellsProperties {
  row: Row;
  columns: Column[];
  schema: Schema;
  to: string | undefined;
  /** Whether the row has no page, but can be shown. */
  opens: boolean;
  /** The language of the page, as the texts of cells depend on it. */
  spoken: string;
}

/** The cells of a row; they are rendered anew only when the row or the columns change. */
const Cells = memo(function Cells({ row, columns, schema, to, opens }: CellsProperties) {
  return columns.map((column, index) => {
    const cell = <Cell column={column} schema={schema} row={row} />;
    const classes = [
      column.strong && "k-strong",
      isNumeric(schema, column) && "k-num",
      index === 0 && "k-first",
    ];
    return (
      <td key={column.key} className={classes.filter(Boolean).join(" ")}>
        {index === 0 ? (
          <First to={to} opens={opens}>
            {cell}
          </First>
        ) : (
          cell
        )}
      </td>
    );
  });
}, sameCells);

/** The first cell leads to the record; without a page of its own it is a button, which the row listens to. */
function First({ to, opens, children }: { to: string | undefined; opens: boolean; children: ReactNode }) {
  if (to) return <Link {...linkOf(to)}>{children}</Link>;
  if (!opens) return children;
  return (
    <button type="button" className="k-open">
      {children}
    </button>
  );
}

function sameCells(before: CellsProperties, after: CellsProperties): boolean {
  const keys = (columns: Column[]) => columns.map((column) => column.key).join();
  return (
    before.row === after.row &&
    before.to === after.to &&
    before.spoken === after.spoken &&
    keys(before.columns) === keys(after.columns)
  );
}

function Head({
  columns,
  schema,
  rows,
  sortable = NOTHING,
  sort,
  onSort,
  selected = NOTHING,
  onSelect,
}: Properties) {
  const { t } = useTranslation();
  const all = rows.length > 0 && rows.every((row) => selected.includes(row.id));
  return (
    <thead>
      <tr aria-rowindex={1}>
        {onSelect && (
          <th className="k-choose">
            <Checkbox
              checked={all}
              indeterminate={selected.length > 0 && !all}
              aria-label={t("list.chooseAll")}
              onChange={() => onSelect(all ? [] : rows.map((row) => row.id))}
            />
          </th>
        )}
        {columns.map((column, index) => {
          const name = column.sort ?? column.key;
          const order = sort === name ? "ascending" : sort === `-${name}` ? "descending" : undefined;
          const title = columnTitle(schema, column);
          const classes = [isNumeric(schema, column) && "k-num", index === 0 && "k-first"]
            .filter(Boolean)
            .join(" ");
          return (
            <th
              key={column.key}
              scope="col"
              aria-sort={order}
              className={classes}
              style={{ width: columnWidth(schema, column) }}
            >
              {sortable.includes(name) && onSort ? (
                <button type="button" onClick={() => onSort(order === "ascending" ? `-${name}` : name)}>
                  {title}
                  {order === "ascending" && <CaretUpOutlined aria-hidden />}
                  {order === "descending" && <CaretDownOutlined aria-hidden />}
                </button>
              ) : (
                title
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
