import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { operationOf, schemaOf, text } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { Chart } from "../../ui/Chart.tsx";
import { Foot } from "../../ui/list/Foot.tsx";
import { useRows } from "../../ui/list/rows.ts";
import { listQuery, useAddress } from "../../ui/list/state.ts";
import { Money } from "../../ui/Values.tsx";
import { currencyName, percent, shortMoney } from "./api.ts";
import { type Figure, FigureTable, OpenRows } from "./FigureTable.tsx";
import { ChartPanel, Definitions, KeyFigures, Report } from "./Report.tsx";
import { Rows } from "./Rows.tsx";
import { packPart } from "./rules.ts";

type Item = Schemas["reporting"]["ContributionItem"];
type Answer = Schemas["reporting"]["Contribution"];

/** As many bars as one looks at; the table has all. */
const MOST = 10;
/** What can be drawn; the chart shows that by which the table is sorted, else the first. */
const MEASURES = ["amount", "ordered", "returned", "profit"] as const;
const FILTERS = ["customer_name", "manager_id", "currency"];

const COLUMNS = [
  { key: "customer_name", width: 220, strong: true },
  { key: "kind", width: 72 },
  { key: "number", width: 152 },
  { key: "order_no", width: 136 },
  { key: "occurred_at", width: 124 },
  { key: "amount", width: 144 },
  { key: "profit", width: 136 },
  { key: "status", width: 88 },
  { key: "manager_name", width: 120 },
];

/** What each customer contributes, per currency. */
export default function Contribution() {
  const { t } = useTranslation("reports");
  const may = useMay();
  const { search } = useAddress();
  const operation = operationOf("reporting", "show_customer_contribution");
  const list = useRows("reporting", "show_customer_contribution", {}, listQuery(search, operation));
  const answer = list.data?.pages[0]?.data as unknown as Answer | undefined;
  const rows = list.rows as Item[];
  const totals = answer?.totals ?? [];
  const schema = schemaOf("reporting", "ContributionItem");
  return (
    <>
      <Report
        title={t("contribution.title")}
        operation="show_customer_contribution"
        exported="export_customer_contribution"
        reading={list}
        period={answer?.period}
        filters={FILTERS}
        options={{
          currency: totals.map(({ currency }) => ({ value: currency, label: currencyName(currency) })),
        }}
        empty={rows.length === 0}
        aside={
          <>
            <Totals totals={totals} />
            <Definitions
              of={(["ordered", "returned", "amount", "share", "profit", "currency", "scope"] as const).map(
                (name) => ({
                  term: name === "scope" ? t("scope") : text(schema.fields[name]?.label),
                  text: t(`contribution.define.${name}`),
                }),
              )}
            />
          </>
        }
      >
        <Customers list={list} totals={totals} />
      </Report>
      <Rows
        operation="list_customer_contribution_rows"
        exported="export_customer_contribution_rows"
        columns={COLUMNS}
        to={(row) => (may("customer:read") ? `/customers/${row.customer_id}` : undefined)}
        nameOf={(name, value) =>
          name === "customer_id" ? rows.find((row) => row.customer_id === value)?.customer_name : undefined
        }
      />
    </>
  );
}

/** What all customers contribute, each currency by itself. */
function Totals({ totals }: { totals: Answer["totals"] }) {
  const { t } = useTranslation("reports");
  return (
    <KeyFigures
      figures={totals.map(({ currency, amount, customers, orders, profit }) => ({
        label: t("contribution.total", { currency: currencyName(currency) }),
        value: (
          <OpenRows part={{ currency }}>
            <Money amount={amount} currency={currency} whole />
          </OpenRows>
        ),
        hint: (
          <>
            {t("contribution.of", { customers, orders })}
            {profit !== null && (
              <>
                <br />
                {t("contribution.profit")} <Money amount={profit} currency={currency} whole />
              </>
            )}
          </>
        ),
      }))}
    />
  );
}

const partOf = ({ customer_id, currency }: Item) => ({ customer_id, currency });
const keyOf = (row: Item) => packPart(partOf(row));

function Customers({ list, totals }: { list: ReturnType<typeof useRows>; totals: Answer["totals"] }) {
  const { t } = useTranslation("reports");
  const { search, change } = useAddress();
  const operation = operationOf("reporting", "show_customer_contribution");
  const schema = schemaOf("reporting", "ContributionItem");
  const rows = list.rows as Item[];
  const currency = rows[0]?.currency ?? "";
  const sort = search.sort ?? String(operation.query.sort?.default);
  const measure = MEASURES.find((name) => name === sort.replace("-", "")) ?? MEASURES[0];
  const parts = rows
    .filter((row) => row.currency === currency && row[measure] !== null)
    .slice(0, MOST)
    .map((row) => ({
      key: keyOf(row),
      label: row.customer_name,
      // For the length of the bar only: the figure is the text.
      value: Number(row[measure]),
      text: shortMoney(row[measure], currency),
    }));
  const title = t("contribution.chart", {
    measure: text(schema.fields[measure]?.label),
    currency: currencyName(currency),
  });
  const columns: Figure[] = [
    { key: "customer_name", strong: true },
    { key: "amount", opens: partOf },
    { key: "share", render: (row: Item) => percent(row.share) },
    { key: "ordered" },
    { key: "returned" },
    { key: "orders" },
    { key: "profit" },
    { key: "manager_name" },
  ];
  return (
    <ChartPanel
      title={title}
      extra={
        totals.length > 1 && (
          <Segmented
            size="small"
            aria-label={text(schema.fields.currency?.label)}
            value={currency}
            options={totals.map((total) => total.currency)}
            onChange={(chosen) => change({ currency: chosen })}
          />
        )
      }
      note={t(parts.length < MOST ? "hint" : "contribution.first", { count: MOST })}
      chart={<Chart kind="bars" label={title} parts={parts} onPick={(key) => change({ rows: key })} />}
    >
      <FigureTable
        label={t("contribution.title")}
        schema={schema}
        columns={columns}
        rows={rows}
        rowKey={keyOf}
        sort={{
          by: sort,
          fields: Object.keys(operation.query.sort?.codes ?? {}),
          set: (chosen) => change({ sort: chosen }, true),
        }}
      />
      <Foot
        shown={rows.length}
        total={list.total}
        capped={list.capped}
        more={list.hasNextPage}
        loading={list.isFetchingNextPage}
        onMore={() => list.fetchNextPage()}
      />
    </ChartPanel>
  );
}
