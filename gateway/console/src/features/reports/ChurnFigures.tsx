import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { schemaOf, text } from "../../api/contract.ts";
import { Chart } from "../../ui/Chart.tsx";
import { type ListState, useAddress } from "../../ui/list/state.ts";
import { Count } from "../../ui/Values.tsx";
import { type Figure, FigureTable } from "./FigureTable.tsx";
import { ChartPanel } from "./Report.tsx";
import { packPart } from "./rules.ts";

/** As many bars as one looks at; the table has all. */
const MOST = 10;
const STATES = ["open", "reprieved", "confirmed", "recovered"] as const;

interface GroupsProperties<R> {
  title: string;
  /** What stands over the names. */
  head: string;
  name: string;
  schema: "Reason" | "Manager";
  rows: R[];
  label: (row: R) => string;
  partOf: (row: R) => ListState | undefined;
}

/** Losses by something: how many, and how many of them were won back. */
export function Groups<R extends { lost: number; won_back: number }>(properties: GroupsProperties<R>) {
  const { title, head, name, rows, label, partOf } = properties;
  const { t } = useTranslation("reports");
  const { change } = useAddress();
  const schema = schemaOf("reporting", properties.schema);
  const back = text(schema.fields.won_back?.label);
  const lost = text(schema.fields.lost?.label);
  const keyOf = (row: R) => packPart(partOf(row) ?? {});
  const shown = rows.slice(0, MOST);
  const anyBack = shown.some((row) => row.won_back > 0);
  const parts = shown.map((row) => ({
    key: keyOf(row),
    label: label(row),
    value: row.lost,
    text: `${lost} ${row.lost}`,
    ...(anyBack && { inner: { value: row.won_back, text: `${back} ${row.won_back}` } }),
  }));
  const columns: Figure[] = [
    { key: name, title: head, strong: true, render: label },
    { key: "lost", opens: partOf },
    { key: "won_back" },
  ];
  if (rows.length === 0) return null;
  return (
    <ChartPanel
      title={title}
      note={rows.length > MOST ? t("most", { count: MOST }) : undefined}
      chart={
        <Chart
          kind="bars"
          label={title}
          parts={parts}
          onPick={(key) => key !== packPart({}) && change({ rows: key })}
        />
      }
    >
      <FigureTable label={title} schema={schema} columns={columns} rows={rows} rowKey={keyOf} />
    </ChartPanel>
  );
}

/** What became of the warnings. */
export function Outcomes({ warnings }: { warnings: Schemas["reporting"]["Rescue"] }) {
  const { t } = useTranslation("reports");
  const { change } = useAddress();
  const schema = schemaOf("reporting", "Rescue");
  const rows = STATES.map((state) => ({ state, count: warnings[state] }));
  const title = t("churn.warnings");
  const parts = rows
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => ({
      key: state,
      label: text(schema.fields[state]?.label),
      value: count,
      text: String(count),
    }));
  const columns: Figure[] = [
    {
      key: "state",
      title: t("churn.state"),
      strong: true,
      render: (row) => text(schema.fields[row.state as string]?.label),
    },
    {
      key: "count",
      title: t("churn.count"),
      opens: (row) => (row.count > 0 ? { state: row.state } : undefined),
    },
  ];
  if (warnings.opened === 0) return null;
  return (
    <ChartPanel
      title={title}
      chart={
        <Chart
          kind="circle"
          label={title}
          parts={parts}
          onPick={(state) => change({ warnings: packPart({ state }) })}
        />
      }
    >
      <FigureTable
        label={title}
        schema={schema}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.state}
        place="warnings"
        sum={{ state: t("sum"), count: <Count value={warnings.opened} /> }}
      />
    </ChartPanel>
  );
}
