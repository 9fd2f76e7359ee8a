import { Link } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Service } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { useProblemText } from "../../ui/feedback.ts";
import { Panel } from "../../ui/Panel.tsx";

interface Properties<R> {
  title: string;
  service: Service;
  /** A list of the API, and what of it is due. */
  operation: string;
  query: Record<string, unknown>;
  /** Where all of them are. */
  all?: { path: string; search: Record<string, string> };
  empty: string;
  row: (row: R) => ReactNode;
  extra?: ReactNode;
}

/** Rows shown in a panel; the rest is one click away. */
export const ROWS = 8;

/** A part of the workbench: the first rows of a list, or why there are none. */
export function ListPanel<R extends { id: string }>({
  title,
  service,
  operation,
  query,
  all,
  empty,
  row,
  extra,
}: Properties<R>) {
  const { t } = useTranslation("workbench");
  const words = useProblemText();
  const answer = useLoaded(service, operation as never, { query: { limit: ROWS, ...query } as never });
  const page = answer.data?.data as unknown as { items: R[]; total: number | null } | undefined;
  return (
    <Panel
      title={title}
      count={page?.total ?? undefined}
      extra={
        <span className="k-row">
          {extra}
          {all && (
            <Link to={all.path} search={all.search as never}>
              {t("all")}
            </Link>
          )}
        </span>
      }
    >
      {answer.isError && (
        <Alert
          type="warning"
          showIcon
          title={words(answer.error)}
          action={
            <Button size="small" onClick={() => answer.refetch()}>
              {t("common:fault.again")}
            </Button>
          }
        />
      )}
      {page?.items.length === 0 && <p className="k-panel-body k-muted">{empty}</p>}
      <ul>
        {page?.items.map((item) => (
          <li key={item.id}>{row(item)}</li>
        ))}
      </ul>
    </Panel>
  );
}
