import { Alert, Button, Skeleton } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { OperationId } from "../../api/call.ts";
import { operationOf, schemaOf } from "../../api/contract.ts";
import type { Problem } from "../../api/problem.ts";
import { useProblemText } from "../../ui/feedback.ts";
import { Export } from "../../ui/list/Export.tsx";
import { Filters } from "../../ui/list/Filters.tsx";
import type { FilterOptions } from "../../ui/list/state.ts";
import { listQuery, setFilters, useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Period, usePeriodText } from "./Period.tsx";

interface Reading {
  isPending: boolean;
  isPlaceholderData: boolean;
  error: Problem | null;
  refetch: () => unknown;
}

interface Properties {
  title: string;
  operation: OperationId<"reporting">;
  exported: OperationId<"reporting">;
  reading: Reading;
  /** The days that the answer covers. */
  period: { from: string | null; to: string | null } | undefined;
  filters?: string[];
  options?: FilterOptions;
  /** Choices beside the filters. */
  controls?: ReactNode;
  /** Whether the answer has nothing to show. */
  empty: boolean;
  /** Charts with their tables. */
  children: ReactNode;
  /** What stands beside: figures, definitions. */
  aside: ReactNode;
}

/** A report: its filters, charts above their tables, and what the figures mean beside them. */
export function Report(properties: Properties) {
  const { title, operation, exported, reading, period, empty, children, aside } = properties;
  const { search } = useAddress();
  const periodText = usePeriodText();
  return (
    <div className="k-scroll">
      <article className="k-page">
        <header className="k-head">
          <PageTitle title={title} />
          {period && <span className="k-muted">{periodText(period.from, period.to)}</span>}
          <span className="k-space" />
          <Export service="reporting" operation={exported} query={search} />
        </header>
        <ReportFilters {...properties} />
        <div className="k-body">
          {reading.error ? (
            <ReportFault problem={reading.error} onAgain={reading.refetch} />
          ) : reading.isPending ? (
            <Skeleton paragraph={{ rows: 12 }} />
          ) : empty ? (
            <NothingToShow operation={operation} />
          ) : (
            <div className="k-report" aria-busy={reading.isPlaceholderData}>
              <div className="k-stack">{children}</div>
              <aside className="k-stack">{aside}</aside>
            </div>
          )}
        </div>
      </article>
    </div>
  );
}

function ReportFilters({ operation: id, filters = [], options = {}, controls }: Properties) {
  const { search } = useAddress();
  const operation = operationOf("reporting", id);
  return (
    <div className="k-report-filters">
      <Period operation={id} />
      {controls}
      {filters.length > 0 && (
        <Filters
          operation={operation}
          schema={schemaOf("reporting", operation.answer ?? "")}
          filters={filters}
          query={listQuery(search, operation)}
          options={options}
          placeholder={undefined}
        />
      )}
    </div>
  );
}

function ReportFault({ problem, onAgain }: { problem: Problem; onAgain: () => void }) {
  const { t } = useTranslation();
  const words = useProblemText();
  const first = problem.errors[0]?.detail;
  return (
    <Alert
      type="warning"
      showIcon
      title={first ?? words(problem)}
      action={<Button onClick={onAgain}>{t("fault.again")}</Button>}
    />
  );
}

/** Why there are no figures, and the way to some. */
function NothingToShow({ operation: id }: { operation: OperationId<"reporting"> }) {
  const { t } = useTranslation("reports");
  const { search, change } = useAddress();
  const filters = setFilters(listQuery(search, operationOf("reporting", id)));
  return (
    <div className="k-empty" role="status">
      <p>{t(filters.length > 0 ? "noneWithFilters" : "none")}</p>
      {filters.length > 0 && (
        <Button onClick={() => change(Object.fromEntries(filters.map((name) => [name, undefined])))}>
          {t("common:list.clear")}
        </Button>
      )}
    </div>
  );
}

/** A chart, and below it the table with the same figures. */
export function ChartPanel({
  title,
  extra,
  chart,
  note,
  children,
}: {
  title: string;
  extra?: ReactNode;
  chart: ReactNode;
  note?: string | undefined;
  children: ReactNode;
}) {
  return (
    <Panel title={title} extra={extra}>
      <div className="k-panel-body">
        {chart}
        {note && <p className="k-small k-muted">{note}</p>}
      </div>
      <div className="k-report-table">{children}</div>
    </Panel>
  );
}

/** What the figures of a report mean. */
export function Definitions({ of }: { of: { term: string; text: string }[] }) {
  const { t } = useTranslation("reports");
  return (
    <Panel title={t("definitions")}>
      <dl className="k-panel-body k-definitions">
        {of.map(({ term, text }) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** The figures of a whole report, one above the other. */
export function KeyFigures({
  figures,
}: {
  figures: { label: string; value: ReactNode; hint?: ReactNode }[];
}) {
  const { t } = useTranslation("reports");
  return (
    <Panel title={t("keyFigures")}>
      <dl className="k-panel-body k-definitions">
        {figures.map(({ label, value, hint }) => (
          <div key={label}>
            <dt className="k-key-label">{label}</dt>
            <dd className="k-figure">{value}</dd>
            {hint && <dd className="k-small">{hint}</dd>}
          </div>
        ))}
      </dl>
    </Panel>
  );
}
