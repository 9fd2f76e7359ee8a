import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, operationOf, schemaOf, text } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { listed } from "../../i18n/start.ts";
import { Chart } from "../../ui/Chart.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { Count } from "../../ui/Values.tsx";
import { percent, useReport } from "./api.ts";
import { type Figure, FigureTable, OpenRows } from "./FigureTable.tsx";
import { ChartPanel, Definitions, KeyFigures, Report } from "./Report.tsx";
import { Rows } from "./Rows.tsx";
import { packPart } from "./rules.ts";

type Item = Schemas["reporting"]["CompositionItem"];

/** As many bars as one looks at; the table has all. */
const MOST = 15;
/** The key of customers without a value: no value of theirs is empty. */
const MISSING = "";

const COLUMNS = [
  { key: "name", width: 240, strong: true },
  { key: "number", width: 152 },
  { key: "level", width: 120 },
  { key: "region", width: 88 },
  { key: "industry", width: 120 },
  { key: "satisfaction", width: 80 },
  { key: "credit", width: 80 },
  { key: "status", width: 80 },
  { key: "manager_name", width: 128 },
  { key: "created_at" },
];

/** How many customers there are by level, region, satisfaction, credit or industry. */
export default function Composition() {
  const { t } = useTranslation("reports");
  const { change } = useAddress();
  const may = useMay();
  const reading = useReport("show_customer_composition");
  const report = reading.data?.data;
  const by = report?.by ?? "level";
  const schema = schemaOf("reporting", "CompositionItem");
  const { query } = operationOf("reporting", "show_customer_composition");
  const items = report?.items;
  const field = schemaOf("reporting", "CompositionRow").fields[by];
  const name = codeText(query.by, by);
  const label = (value: string | null) => (value === null ? t("missing") : codeText(field, value));
  const missing = t("missing");
  const parts = (items ?? []).slice(0, MOST).map(({ value, count, share }) => ({
    key: value ?? MISSING,
    label: value === null ? missing : codeText(field, value),
    value: count,
    text: t("part", { count, share: percent(share) }),
  }));
  const partOf = (value: string | null) => (value ? { [by]: value } : { missing: by });
  const title = t("composition.title");
  const chartTitle = t("composition.chart", { name });
  const columns: Figure[] = [
    { key: "value", title: name, strong: true, render: (row: Item) => label(row.value) },
    { key: "count", title: t("composition.customers"), opens: (row: Item) => partOf(row.value) },
    { key: "share", render: (row: Item) => percent(row.share) },
  ];
  return (
    <>
      <Report
        title={title}
        operation="show_customer_composition"
        exported="export_customer_composition"
        reading={reading}
        period={report?.period}
        filters={["status"]}
        controls={<By />}
        empty={report?.total === 0}
        aside={
          <>
            <KeyFigures
              figures={[
                {
                  label: t("composition.total"),
                  value: (
                    <OpenRows part={{}}>
                      <Count value={report?.total ?? 0} />
                    </OpenRows>
                  ),
                  hint: listed((report?.status ?? []).map((code) => codeText(query.status, code))),
                },
              ]}
            />
            <Definitions
              of={[
                { term: t("composition.customers"), text: t("composition.define.count") },
                { term: text(schema.fields.share?.label), text: t("composition.define.share") },
                { term: t("period.label"), text: t("composition.define.period") },
                { term: t("scope"), text: t("composition.define.scope") },
              ]}
            />
          </>
        }
      >
        <ChartPanel
          title={chartTitle}
          extra={<span className="k-small k-muted">{t("hint")}</span>}
          note={(items?.length ?? 0) > MOST ? t("most", { count: MOST }) : undefined}
          chart={
            <Chart
              kind="bars"
              label={chartTitle}
              parts={parts}
              onPick={(key) => change({ rows: packPart(partOf(key)) })}
            />
          }
        >
          <FigureTable
            label={chartTitle}
            schema={schema}
            columns={columns}
            rows={items ?? []}
            rowKey={(row: Item) => row.value ?? MISSING}
            sum={{ value: t("sum"), count: <Count value={report?.total ?? 0} /> }}
          />
        </ChartPanel>
      </Report>
      <Rows
        operation="list_customer_composition_rows"
        exported="export_customer_composition_rows"
        columns={COLUMNS}
        fixed={{ status: report?.status.join(",") }}
        to={(row) => (may("customer:read") ? `/customers/${row.id}` : undefined)}
      />
    </>
  );
}

/** What customers are counted by. */
function By() {
  const { search, change } = useAddress();
  const field = operationOf("reporting", "show_customer_composition").query.by;
  const first = String(field?.default);
  return (
    <Segmented
      size="small"
      aria-label={text(field?.label)}
      value={search.by ?? first}
      options={Object.keys(field?.codes ?? {}).map((code) => ({ value: code, label: codeText(field, code) }))}
      onChange={(by) => change({ by: by === first ? undefined : by, rows: undefined })}
    />
  );
}
