import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { Count } from "../../ui/Values.tsx";
import { percent, useReport } from "./api.ts";
import { Groups, Outcomes } from "./ChurnFigures.tsx";
import { OpenRows } from "./FigureTable.tsx";
import { Definitions, KeyFigures, Report } from "./Report.tsx";
import { Rows } from "./Rows.tsx";

type Churned = Schemas["reporting"]["Churn"];
type Reason = Schemas["reporting"]["Reason"];
type Manager = Schemas["reporting"]["Manager"];

const FILTERS = ["manager_id", "customer_id", "customer_name", "reason_code"];

const LOSSES = [
  { key: "customer_name", width: 220, strong: true },
  { key: "customer_number", width: 152 },
  { key: "lost_at" },
  { key: "reason_code", width: 96 },
  { key: "reason", width: 260 },
  { key: "manager_name", width: 120 },
  { key: "confirmed_by", width: 120 },
  { key: "won_back_at" },
];
const WARNINGS = [
  { key: "customer_name", width: 240, strong: true },
  { key: "customer_number", width: 152 },
  { key: "kind", width: 112 },
  { key: "state", width: 96 },
  { key: "opened_at" },
  { key: "last_order_on" },
  { key: "cut_off_on" },
  { key: "manager_name", width: 120 },
  { key: "closed_at" },
];

/** Who was lost, why and by whom, and how many were rescued. */
export default function Churn() {
  const { t } = useTranslation("reports");
  const may = useMay();
  const reading = useReport("show_customer_churn");
  const report = reading.data?.data;
  const reasons = schemaOf("reporting", "Reason").fields.reason_code;
  const to = (row: { customer_id?: string }) =>
    may("customer:read") ? `/customers/${row.customer_id}` : undefined;
  const managers = new Map(report?.by_manager.map((row) => [row.manager_id, row.manager_name ?? undefined]));
  return (
    <>
      <Report
        title={t("churn.title")}
        operation="show_customer_churn"
        exported="export_customer_churn"
        reading={reading}
        period={report?.period}
        filters={FILTERS}
        options={{
          reason_code: Object.keys(reasons?.codes ?? {}).map((value) => ({
            value,
            label: codeText(reasons, value),
          })),
        }}
        empty={report?.lost === 0 && report.warnings.opened === 0}
        aside={report && <Aside report={report} />}
      >
        {report && (
          <>
            <div className="k-report-pair">
              <Groups
                title={t("churn.byReason")}
                head={text(schemaOf("reporting", "Loss").fields.reason?.label)}
                name="reason_code"
                schema="Reason"
                rows={report.by_reason}
                label={(row: Reason) => codeText(reasons, row.reason_code)}
                partOf={(row: Reason) => ({ reason_code: row.reason_code })}
              />
              <Groups
                title={t("churn.byManager")}
                head={text(schemaOf("reporting", "Manager").fields.manager_id?.label)}
                name="manager_id"
                schema="Manager"
                rows={report.by_manager}
                label={(row: Manager) => row.manager_name ?? t("missing")}
                // Losses without a manager have no filter that finds them.
                partOf={(row: Manager) => (row.manager_id ? { manager_id: row.manager_id } : undefined)}
              />
            </div>
            <Outcomes warnings={report.warnings} />
          </>
        )}
      </Report>
      <Rows
        operation="list_customer_churn_rows"
        exported="export_customer_churn_rows"
        columns={LOSSES}
        to={to}
        nameOf={(name, value) =>
          name === "manager_id"
            ? managers.get(value)
            : name === "reason_code"
              ? codeText(reasons, value)
              : undefined
        }
      />
      <Rows
        place="warnings"
        operation="list_customer_churn_warning_rows"
        exported="export_customer_churn_warning_rows"
        columns={WARNINGS}
        to={to}
      />
    </>
  );
}

/** The figures over all, and what they mean. */
function Aside({ report }: { report: Churned }) {
  const { t } = useTranslation("reports");
  const losses = schemaOf("reporting", "Churn");
  const rescue = schemaOf("reporting", "Rescue");
  const { warnings } = report;
  return (
    <>
      <KeyFigures
        figures={[
          {
            label: text(losses.fields.lost?.label),
            value: (
              <OpenRows part={{}}>
                <Count value={report.lost} />
              </OpenRows>
            ),
          },
          { label: text(losses.fields.won_back?.label), value: <Count value={report.won_back} /> },
          {
            label: text(rescue.fields.opened?.label),
            value: (
              <OpenRows part={{}} place="warnings">
                <Count value={warnings.opened} />
              </OpenRows>
            ),
          },
          {
            label: text(rescue.fields.rescue_rate?.label),
            value: percent(warnings.rescue_rate),
            hint: t("churn.rescued", { rescued: warnings.rescued, opened: warnings.opened }),
          },
        ]}
      />
      <Definitions
        of={[
          { term: text(losses.fields.lost?.label), text: t("churn.define.lost") },
          { term: text(losses.fields.won_back?.label), text: t("churn.define.won_back") },
          { term: text(rescue.fields.opened?.label), text: t("churn.define.opened") },
          { term: text(rescue.fields.rescue_rate?.label), text: t("churn.define.rescue_rate") },
          { term: t("scope"), text: t("churn.define.scope") },
        ]}
      />
    </>
  );
}
