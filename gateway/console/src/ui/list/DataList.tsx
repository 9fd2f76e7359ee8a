import { Alert, Button, Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { operationOf, type Service, schemaOf } from "../../api/contract.ts";
import { usePreferences } from "../../api/preferences.ts";
import { usePhone } from "../../lib/screen.ts";
import { useProblemText } from "../feedback.ts";
import { type BulkAction, BulkBar } from "./Bulk.tsx";
import { Cards } from "./Cards.tsx";
import { ColumnChoice } from "./ColumnChoice.tsx";
import { type Column, type Row, shownColumns } from "./columns.tsx";
import { Filters } from "./Filters.tsx";
import { Foot } from "./Foot.tsx";
import { Grid } from "./Grid.tsx";
import { useRows } from "./rows.ts";
import { type FilterOptions, type ListState, listQuery, setFilters, useAddress } from "./state.ts";
import { Views } from "./Views.tsx";
import { useSavedViews, type View } from "./views.ts";

export interface DataListProperties {
  /** The name under which columns and views are kept. */
  name: string;
  service: Service;
  operation: string;
  path?: Record<string, string>;
  columns: Column[];
  filters?: string[];
  /** Names of values that come from data, for filters such as stages. */
  options?: FilterOptions;
  /** The views everybody has; the first is shown at first. */
  views?: View[];
  /** What the list is always limited to. */
  fixed?: ListState;
  /** Where a row leads, such as `/customers/7?tab=orders`. */
  to?: (row: Row) => string | undefined;
  /** Shows a row beside the list, where it has no page of its own. */
  onOpen?: (row: Row) => void;
  /** What the search box looks through. */
  search?: string;
  bulk?: BulkAction[];
  /** What to say, and the first step to take, where there is nothing at all. */
  empty?: ReactNode;
  label: string;
}

/** A list of the API: views, filters, rows page after page, columns of choice, on phones cards. */
export function DataList(properties: DataListProperties) {
  const { service, operation: id, name, fixed = {}, path = {}, to = () => undefined } = properties;
  const operation = operationOf(service, id);
  const schema = schemaOf(service, schemaOf(service, operation.answer ?? "").fields.items?.schema ?? "");
  const { search, change } = useAddress();
  const preferences = usePreferences();
  const saved = useSavedViews(name);
  const phone = usePhone();
  const [selected, setSelected] = useState<string[]>([]);

  const views = [...(properties.views ?? []), ...saved];
  const first = saved.find((view) => view.saved?.is_default) ?? views[0];
  const untouched = Object.keys(listQuery(search, operation)).length === 0 && !search.view;
  const active = search.view ? views.find((view) => view.key === search.view) : untouched ? first : undefined;
  const query = untouched ? (first?.state ?? {}) : listQuery(search, operation);
  const list = useRows(service, id, path, { ...query, ...fixed });
  const columns = shownColumns(
    properties.columns,
    active?.columns?.length ? active.columns : preferences.columns[name],
  );
  const end = () => {
    if (list.hasNextPage && !list.isFetchingNextPage && !list.isError) list.fetchNextPage();
  };
  const sortable = Object.keys(operation.query.sort?.codes ?? {});
  const chosen = list.rows.filter((row) => selected.includes(row.id));

  return (
    <>
      {views.length > 0 && (
        <Views
          list={name}
          views={views}
          active={active}
          query={query}
          columns={columns.map((column) => column.key)}
        />
      )}
      <div className="k-row" style={{ alignItems: "flex-start", paddingInlineEnd: phone ? 0 : 24 }}>
        <div className="k-space">
          {properties.filters && (
            <Filters
              operation={operation}
              schema={schema}
              filters={properties.filters}
              query={query}
              options={properties.options ?? {}}
              placeholder={properties.search}
            />
          )}
        </div>
        {!phone && <ColumnChoice name={name} schema={schema} columns={properties.columns} shown={columns} />}
      </div>
      {list.isError && <ListFault problem={list.error} onAgain={() => list.refetch()} />}
      {list.isPending && <Skeleton className="k-body" title={false} paragraph={{ rows: 10 }} />}
      {list.isSuccess && list.rows.length === 0 && (
        <Empty
          filtered={setFilters(query).length > 0 || Boolean(query.q)}
          onClear={() => change(cleared(query))}
        >
          {properties.empty}
        </Empty>
      )}
      {list.rows.length > 0 &&
        (phone ? (
          <Cards
            rows={list.rows}
            columns={columns}
            schema={schema}
            path={to}
            onOpen={properties.onOpen}
            onEnd={end}
          />
        ) : (
          <Grid
            schema={schema}
            columns={columns}
            rows={list.rows}
            label={properties.label}
            busy={list.isPlaceholderData}
            height={preferences.density === "compact" ? 32 : 40}
            path={to}
            onOpen={properties.onOpen}
            sortable={sortable}
            sort={query.sort ?? (operation.query.sort?.default as string)}
            onSort={(sort) => change({ ...query, sort })}
            selected={selected}
            onSelect={properties.bulk ? setSelected : undefined}
            onEnd={end}
          />
        ))}
      {list.rows.length > 0 && (
        <Foot
          shown={list.rows.length}
          total={list.total}
          capped={list.capped}
          more={list.hasNextPage}
          loading={list.isFetchingNextPage}
          onMore={end}
        />
      )}
      {properties.bulk && selected.length > 0 && (
        <BulkBar rows={chosen} actions={properties.bulk} onClose={() => setSelected([])} />
      )}
    </>
  );
}

function cleared(query: ListState): ListState {
  return Object.fromEntries(
    Object.keys(query)
      .filter((name) => name !== "sort")
      .map((name) => [name, undefined]),
  );
}

function ListFault({ problem, onAgain }: { problem: unknown; onAgain: () => void }) {
  const { t } = useTranslation();
  const words = useProblemText();
  return (
    <div className="k-body">
      <Alert
        type="warning"
        showIcon
        title={words(problem)}
        action={<Button onClick={onAgain}>{t("fault.again")}</Button>}
      />
    </div>
  );
}

/** Why there is nothing, and the first step. */
function Empty({
  filtered,
  onClear,
  children,
}: {
  filtered: boolean;
  onClear: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <div className="k-empty" role="status">
      <p>{t(filtered ? "list.noneWithFilters" : "list.none")}</p>
      {filtered ? <Button onClick={onClear}>{t("list.clear")}</Button> : children}
    </div>
  );
}
