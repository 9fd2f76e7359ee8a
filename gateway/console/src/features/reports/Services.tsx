import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { Chart } from "../../ui/Chart.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { Count, Nothing } from "../../ui/Values.tsx";
import { decimal, percent, useReport } from "./api.ts";
import { type Figure, FigureTable, OpenRows } from "./FigureTable.tsx";
import { ChartPanel, Definitions, KeyFigures, Report } from "./Report.tsx";
import { Rows } from "./Rows.tsx";
import { packPart } from "./rules.ts";

type Item = Schemas["reporting"]["ServiceCompositionItem"];

const COLUMNS = [
  { key: "number", width: 152 },
  { key: "summary", width: 220, strong: true },
  { key: "type", width: 88 },
  { key: "customer_name", width: 180 },
  { key: "status", width: 96 },
  { key: "priority", width: 80 },
  { key: "assignee_name", width: 120 },
  { key: "satisfaction", width: 88 },
  { key: "rounds", width: 88 },
  { key: "created_at" },
];

/** How many requests there are of each type. */
export default function Services() {
  const { t } = useTranslation("reports");
  const { change } = useAddress();
  const may = useMay();
  const reading = useReport("show_service_composition");
  const report = reading.data?.data;
  const schema = schemaOf("reporting", "ServiceCompositionItem");
  const { type } = schemaOf("reporting", "ServiceCompositionRow").fields;
  const items = report?.items;
  const parts = (items ?? []).map((item) => ({
    key: item.value,
    label: codeText(schema.fields.value, item.value),
    value: item.count,
    text: t("part", { count: item.count, share: percent(item.share) }),
  }));
  const title = t("services.title");
  const columns: Figure[] = [
    { key: "value", title: text(type?.label), strong: true },
    { key: "count", opens: (row: Item) => ({ type: row.value }) },
    { key: "share", render: (row: Item) => percent(row.share) },
    {
      key: "archived",
      opens: (row: Item) => (row.archived > 0 ? { type: row.value, status: "archived" } : undefined),
    },
    {
      key: "cancelled",
      opens: (row: Item) => (row.cancelled > 0 ? { type: row.value, status: "cancelled" } : undefined),
    },
    {
      key: "satisfaction",
      render: (row: Item) => (row.satisfaction === null ? <Nothing /> : `${decimal(row.satisfaction)} / 5`),
    },
  ];
  return (
    <>
      <Report
        title={title}
        operation="show_service_composition"
        exported="export_service_composition"
        reading={reading}
        period={report?.period}
        empty={report?.total === 0}
        aside={
          <>
            <KeyFigures
              figures={[
                {
                  label: t("services.total"),
                  value: (
                    <OpenRows part={{}}>
                      <Count value={report?.total ?? 0} />
                    </OpenRows>
                  ),
                },
              ]}
            />
            <Definitions
              of={(["count", "share", "archived", "satisfaction", "scope"] as const).map((name) => ({
                term: name === "scope" ? t("scope") : text(schema.fields[name]?.label),
                text: t(`services.define.${name}`),
              }))}
            />
          </>
        }
      >
        <ChartPanel
          title={t("services.chart")}
          extra={<span className="k-small k-muted">{t("hint")}</span>}
          chart={
            <Chart
              kind="circle"
              label={t("services.chart")}
              parts={parts}
              onPick={(type) => change({ rows: packPart({ type }) })}
            />
          }
        >
          <FigureTable
            label={title}
            schema={schema}
            columns={columns}
            rows={items ?? []}
            rowKey={(row: Item) => row.value}
            sum={{ value: t("sum"), count: <Count value={report?.total ?? 0} /> }}
          />
        </ChartPanel>
      </Report>
      <Rows
        operation="list_service_composition_rows"
        exported="export_service_composition_rows"
        columns={COLUMNS}
        to={(row) => (may("service-request:read") ? `/requests/${row.id}` : undefined)}
      />
    </>
  );
}
