import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { schemaOf, text } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { language } from "../../i18n/start.ts";
import { Count, Money, Nothing } from "../../ui/Values.tsx";
import { currencyName, percent, useDuration, useReport } from "./api.ts";
import { Bars, StageSquare } from "./Bars.tsx";
import { type Figure, FigureTable, OpenRows } from "./FigureTable.tsx";
import { ChartPanel, Definitions, KeyFigures, Report } from "./Report.tsx";
import { Rows } from "./Rows.tsx";

type Stage = Schemas["reporting"]["Stage"];

const FILTERS = ["assignee_id", "currency", "source", "region", "industry"];

function useColumns(): { key: string; width?: number; strong?: boolean; render?: (row: any) => string }[] {
  return [
    { key: "number", width: 152 },
    { key: "customer_name", width: 220, strong: true },
    { key: "status", width: 96 },
    { key: "success_rate", width: 112, render: (row) => `${row.success_rate}%` },
    { key: "amount", width: 144 },
    { key: "assignee_name", width: 120 },
    { key: "source", width: 112 },
    { key: "region", width: 88 },
    { key: "industry", width: 120 },
    { key: "created_at" },
    { key: "closed_at" },
  ];
}

/** How far opportunities get: how many reached each stage, and how many are in it now. */
export default function Funnel() {
  const { t } = useTranslation("reports");
  const may = useMay();
  const reading = useReport("show_sales_funnel");
  const report = reading.data?.data;
  const stages = (report?.items ?? []) as Stage[];
  const names = new Map(stages.map((stage) => [stage.stage, stageName(stage)]));
  const currencies = [
    ...new Set(stages.flatMap((stage) => stage.amounts.map(({ currency }) => currency))),
  ].sort();
  const columns = useColumns();
  return (
    <>
      <Report
        title={t("funnel.title")}
        operation="show_sales_funnel"
        exported="export_sales_funnel"
        reading={reading}
        period={report?.period}
        filters={FILTERS}
        options={{ currency: currencies.map((value) => ({ value, label: currencyName(value) })) }}
        empty={report?.opportunities === 0}
        aside={<Aside count={report?.opportunities ?? 0} />}
      >
        <ChartPanel
          title={t("funnel.chart")}
          extra={<span className="k-small k-muted">{t("funnel.hint")}</span>}
          chart={<Bars stages={stages} name={stageName} />}
        >
          <Stages stages={stages} />
        </ChartPanel>
      </Report>
      <Rows
        operation="list_sales_funnel_rows"
        exported="export_sales_funnel_rows"
        columns={columns}
        to={(row) => (may("opportunity:read") ? `/opportunities/${row.id}` : undefined)}
        nameOf={(filter, value) =>
          filter === "stage" || filter === "reached_stage" ? names.get(value) : undefined
        }
      />
    </>
  );
}

function stageName(stage: Stage): string {
  return language() === "zh" ? stage.label_zh : stage.label_en;
}

/** The stages as a table: the same figures, and how long opportunities stay. */
function Stages({ stages }: { stages: Stage[] }) {
  const { t } = useTranslation("reports");
  const duration = useDuration();
  const columns: Figure[] = [
    {
      key: "stage",
      strong: true,
      render: (row: Stage) => (
        <>
          <StageSquare stages={stages} stage={row} />
          {stageName(row)}
        </>
      ),
    },
    { key: "reached" },
    { key: "conversion_to_next", render: (row: Stage) => percent(row.conversion_to_next) },
    {
      key: "count",
      title: t("funnel.now"),
      opens: (row: Stage) => (row.count > 0 ? { stage: row.stage } : undefined),
    },
    { key: "amounts", numeric: true, render: (row: Stage) => <Amounts stage={row} /> },
    {
      key: "average_seconds",
      title: t("funnel.average"),
      render: (row: Stage) => duration(row.average_seconds),
    },
    {
      key: "median_seconds",
      title: t("funnel.median"),
      render: (row: Stage) => duration(row.median_seconds),
    },
  ];
  return (
    <FigureTable
      label={t("funnel.title")}
      schema={schemaOf("reporting", "Stage")}
      columns={columns}
      rows={stages}
      rowKey={(row: Stage) => row.stage}
    />
  );
}

/** The value of what is in a stage now, each currency by itself. */
function Amounts({ stage }: { stage: Stage }) {
  if (stage.amounts.length === 0) return <Nothing />;
  return (
    <>
      {stage.amounts.map(({ currency, amount }) => (
        <div key={currency}>
          <Money amount={amount} currency={currency} />
        </div>
      ))}
    </>
  );
}

function Aside({ count }: { count: number }) {
  const { t } = useTranslation("reports");
  const { fields } = schemaOf("reporting", "Stage");
  const { fields: all } = schemaOf("reporting", "Funnel");
  return (
    <>
      <KeyFigures
        figures={[
          {
            label: text(all.opportunities?.label),
            value: (
              <OpenRows part={{}}>
                <Count value={count} />
              </OpenRows>
            ),
          },
        ]}
      />
      <Definitions
        of={[
          { term: text(fields.reached?.label), text: t("funnel.define.reached") },
          { term: text(fields.conversion_to_next?.label), text: t("funnel.define.conversion") },
          { term: t("funnel.now"), text: t("funnel.define.now") },
          { term: text(fields.amounts?.label), text: t("funnel.define.amounts") },
          { term: `${t("funnel.average")} / ${t("funnel.median")}`, text: t("funnel.define.stay") },
          { term: t("scope"), text: t("funnel.define.scope") },
        ]}
      />
    </>
  );
}
