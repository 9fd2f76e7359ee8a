import { Link, useNavigate } from "@tanstack/react-router";
import { Table } from "antd";
import type { ColumnType } from "antd/es/table";
import {
  createContext,
  type HTMLAttributes,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";
import type { Schema } from "../../api/contract.ts";
import { isTyping } from "../../lib/keyboard.ts";
import { Cell, type Column, columnTitle, columnWidth, isNumeric, type Row } from "./columns.tsx";

interface Properties {
  schema: Schema;
  columns: Column[];
  rows: Row[];
  label: string;
  loading: boolean;
  height: 32 | 40;
  path: (row: Row) => string | undefined;
  sortable: readonly string[];
  sort: string | undefined;
  onSort: (sort: string) => void;
  selected: readonly string[];
  onSelect?: ((ids: string[]) => void) | undefined;
  /** Called when the last rows come into sight. */
  onEnd: () => void;
}

/** Rows that are rendered above and below those in sight. */
const MARGIN = 12;

const Space = createContext({ above: 0, below: 0 });

/** A table body of which only the rows in sight exist; empty rows keep the height of the others. */
function SpacedBody({ children, ...rest }: HTMLAttributes<HTMLTableSectionElement>) {
  const { above, below } = useContext(Space);
  return (
    <tbody {...rest}>
      {above > 0 && (
        <tr aria-hidden>
          <td style={{ height: above, padding: 0, border: 0 }} />
        </tr>
      )}
      {children}
      {below > 0 && (
        <tr aria-hidden>
          <td style={{ height: below, padding: 0, border: 0 }} />
        </tr>
      )}
    </tbody>
  );
}

const COMPONENTS = { body: { wrapper: SpacedBody } };

/** The rows of a list as a table: a real one, of which a million rows cost as much as forty. */
export function Grid(properties: Properties) {
  const { rows, height, onEnd, path, selected, onSelect, schema } = properties;
  const navigate = useNavigate();
  const frame = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [shown, setShown] = useState(40);
  const scroller = useCallback(() => frame.current?.querySelector<HTMLElement>(".ant-table-content"), []);
  const start = Math.max(0, Math.min(first, rows.length - 1) - MARGIN);
  const end = Math.min(rows.length, first + shown + MARGIN);
  useEffect(() => {
    if (rows.length > 0 && end >= rows.length) onEnd();
  }, [end, rows.length, onEnd]);
  useEffect(() => {
    const box = scroller();
    if (!box) return;
    const measure = () => {
      setShown(Math.ceil(box.clientHeight / height));
      // In steps, so that not every pixel renders the table.
      setFirst(Math.floor(box.scrollTop / height / 6) * 6);
    };
    measure();
    box.addEventListener("scroll", measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => {
      box.removeEventListener("scroll", measure);
      observer.disconnect();
    };
  }, [height, scroller]);
  useRowKeys(scroller, height, rows, (row) => {
    if (onSelect)
      onSelect(selected.includes(row.id) ? selected.filter((id) => id !== row.id) : [...selected, row.id]);
  });
  const width = properties.columns.reduce(
    (sum, column) => sum + columnWidth(schema, column),
    onSelect ? 52 : 0,
  );
  return (
    <div ref={frame} className="k-table k-grid">
      <Space value={{ above: start * height, below: (rows.length - end) * height }}>
        <Table<Row>
          aria-label={properties.label}
          rowKey="id"
          size={height === 32 ? "small" : "middle"}
          pagination={false}
          loading={properties.loading}
          tableLayout="fixed"
          scroll={{ x: width }}
          components={COMPONENTS}
          dataSource={rows.slice(start, end)}
          columns={tableColumns(properties)}
          showSorterTooltip={false}
          locale={{ emptyText: <span /> }}
          rowSelection={
            onSelect && {
              selectedRowKeys: [...selected],
              onChange: (keys) => onSelect(keys as string[]),
              fixed: true,
              preserveSelectedRowKeys: true,
              columnWidth: 52,
            }
          }
          onRow={(row, index) => ({
            "aria-rowindex": start + (index ?? 0) + 2,
            style: { height },
            onClick: (event) => {
              // Selecting text, links and buttons within the row are no wish to open it.
              const target = event.target as HTMLElement;
              if (
                target.closest("a, button, input, label, .ant-checkbox-wrapper") ||
                getSelection()?.toString()
              )
                return;
              const to = path(row);
              if (to) navigate({ to, search: {} } as never);
            },
          })}
        />
      </Space>
    </div>
  );
}

function tableColumns({ columns, schema, path, sortable, sort, onSort }: Properties): ColumnType<Row>[] {
  return columns.map((column, index) => {
    const name = column.sort ?? column.key;
    const order = sort === name ? "ascend" : sort === `-${name}` ? "descend" : null;
    const sorting = sortable.includes(name) && {
      sorter: true,
      sortOrder: order as "ascend" | "descend" | null,
      onHeaderCell: () => ({ onClick: () => onSort(order === "ascend" ? `-${name}` : name) }),
    };
    return {
      key: column.key,
      title: columnTitle(schema, column),
      width: columnWidth(schema, column),
      ellipsis: true,
      align: isNumeric(schema, column) ? "end" : "start",
      fixed: index === 0 ? "start" : undefined,
      className: column.strong ? "k-strong" : "",
      render: (_: unknown, row: Row) => {
        const cell = <Cell column={column} schema={schema} row={row} />;
        const to = index === 0 ? path(row) : undefined;
        return to ? (
          <Link to={to} search={{}}>
            {cell}
          </Link>
        ) : (
          cell
        );
      },
      ...sorting,
    };
  });
}

/** j and k move between rows, x selects, Enter opens as any link does. */
function useRowKeys(
  scroller: () => HTMLElement | null | undefined,
  height: number,
  rows: Row[],
  onToggle: (row: Row) => void,
) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (
        !["j", "k", "x"].includes(event.key) ||
        isTyping(event) ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey
      )
        return;
      const box = scroller();
      const current = document.activeElement?.closest("[aria-rowindex]");
      const at = current ? Number(current.getAttribute("aria-rowindex")) - 2 : -1;
      if (event.key === "x") {
        if (rows[at]) onToggle(rows[at]);
        return;
      }
      const next = Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)));
      box?.scrollTo({ top: Math.max(0, (next - 4) * height) });
      requestAnimationFrame(() =>
        box?.querySelector<HTMLElement>(`[aria-rowindex="${next + 2}"] a`)?.focus(),
      );
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
