import { CloseCircleFilled, CloseOutlined, PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input, Popover } from "antd";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { codeText, type Field, type Operation, type Schema, text } from "../../api/contract.ts";
import { listed, locale } from "../../i18n/start.ts";
import { showDay } from "../../lib/dates.ts";
import { type FilterOptions, isRange, type ListState, useListChange } from "./state.ts";

/** Loaded by those who set a filter. */
const FilterEditor = lazy(() => import("./FilterEditor.tsx"));

interface Properties {
  operation: Operation;
  schema: Schema;
  /** Names of the API's filters; of ranges without `_from` and `_to`. */
  filters: string[];
  query: ListState;
  options: FilterOptions;
  placeholder: string | undefined;
}

/** The search box and the filters that are set, each a chip; a dashed one adds another. */
export function Filters({ operation, schema, filters, query, options, placeholder }: Properties) {
  const { t } = useTranslation();
  const change = useListChange(query);
  const [adding, setAdding] = useState<string>();
  const parts = (name: string) => (isRange(operation, name) ? [`${name}_from`, `${name}_to`] : [name]);
  const isSet = (name: string) => parts(name).some((part) => query[part]);
  const label = (name: string) => text(operation.query[name]?.label ?? schema.fields[name]?.label, name);
  const clear = (names: string[]) =>
    change(Object.fromEntries(names.flatMap(parts).map((part) => [part, undefined])));
  const shown = filters.filter((name) => isSet(name) || name === adding);
  return (
    <search className="k-filters" aria-label={t("list.filters")}>
      {operation.query.q && <SearchBox placeholder={placeholder ?? t("list.search")} query={query} />}
      {shown.map((name) => (
        <Popover
          key={name}
          trigger="click"
          placement="bottomLeft"
          destroyOnHidden
          open={adding === name || undefined}
          onOpenChange={(open) => setAdding(open ? name : undefined)}
          content={
            <Suspense>
              <FilterEditor
                operation={operation}
                name={name}
                query={query}
                options={options}
                label={label(name)}
              />
            </Suspense>
          }
        >
          <span className="k-row" style={{ gap: 0 }}>
            <Button size="small" className="k-chip" data-set={isSet(name) || undefined}>
              {label(name)}
              <b>
                <FilterValue operation={operation} name={name} query={query} options={options} />
              </b>
            </Button>
            <Button
              size="small"
              type="text"
              icon={<CloseOutlined />}
              aria-label={t("list.removeFilter", { name: label(name) })}
              onClick={(event) => {
                event.stopPropagation();
                setAdding(undefined);
                clear([name]);
              }}
            />
          </span>
        </Popover>
      ))}
      <Dropdown
        autoFocus
        trigger={["click"]}
        menu={{
          items: filters
            .filter((name) => !shown.includes(name))
            .map((name) => ({
              key: name,
              label: label(name),
              onClick: () => setTimeout(() => setAdding(name)),
            })),
        }}
      >
        <Button size="small" type="dashed" icon={<PlusOutlined />}>
          {t("list.addFilter")}
        </Button>
      </Dropdown>
      {filters.some(isSet) && (
        <Button size="small" type="link" onClick={() => clear(filters)}>
          {t("list.clear")}
        </Button>
      )}
    </search>
  );
}

/** Words to look for; the list follows a moment after the last key, and not within an input method's word. */
function SearchBox({ query, placeholder }: { query: ListState; placeholder: string }) {
  const { t } = useTranslation();
  const value = query.q ?? "";
  const change = useListChange(query);
  const [typed, setTyped] = useState(value);
  const composing = useRef(false);
  const latest = useRef(change);
  latest.current = change;
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value || composing.current) return;
    const timer = setTimeout(() => latest.current({ q: typed.trim() }, true), 250);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return (
    <Input
      type="search"
      value={typed}
      prefix={<SearchOutlined aria-hidden />}
      placeholder={placeholder}
      aria-label={placeholder}
      maxLength={100}
      allowClear={{ clearIcon: <CloseCircleFilled aria-hidden={false} aria-label={t("list.clearWords")} /> }}
      onChange={(event) => setTyped(event.target.value)}
      onCompositionStart={() => {
        composing.current = true;
      }}
      onCompositionEnd={(event) => {
        composing.current = false;
        setTyped(`${event.currentTarget.value} `.slice(0, -1));
        latest.current({ q: event.currentTarget.value.trim() }, true);
      }}
    />
  );
}

interface Shown {
  operation: Operation;
  name: string;
  query: ListState;
  options: FilterOptions;
}

function FilterValue({ operation, name, query, options }: Shown) {
  const { t } = useTranslation();
  if (isRange(operation, name)) {
    const [from, to] = [query[`${name}_from`], query[`${name}_to`]];
    const show = (value: string) => (/^\d{4}-\d{2}-\d{2}$/.test(value) ? showDay(value, locale()) : value);
    if (from && to) return <>{`${show(from)} – ${show(to)}`}</>;
    if (from) return <>{t("list.from", { value: show(from) })}</>;
    return to ? t("list.to", { value: show(to) }) : null;
  }
  const values = (query[name] ?? "").split(",").filter(Boolean);
  const field = operation.query[name] as Field;
  if (field.kind === "boolean") return values[0] ? t(values[0] === "true" ? "yes" : "no") : null;
  const known = options[name];
  if (field.item === "id" && !known) return values.length ? t("list.chosen", { count: values.length }) : null;
  return (
    <>
      {listed(
        values.map(
          (value) => known?.find((option) => option.value === value)?.label ?? codeText(field, value),
        ),
      )}
    </>
  );
}
