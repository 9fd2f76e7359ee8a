import { Link, useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { addDays, today } from "../../lib/dates.ts";
import { Day, Dot, Due, Money } from "../../ui/Values.tsx";
import { type Opportunity, useStageName } from "../opportunities/api.ts";
import { ListPanel } from "./Panels.tsx";

/** Days ahead within which an expected end is of interest. */
const SOON = 14;

/** Opportunities that nobody works on yet. */
export function UnassignedPanel() {
  const { t } = useTranslation("workbench");
  return (
    <ListPanel<Opportunity>
      title={t("unassigned.title")}
      service="marketing"
      operation="list_opportunities"
      query={{ status: "unassigned", sort: "created_at" }}
      all={{ path: "/opportunities", search: { status: "unassigned" } }}
      empty={t("unassigned.none")}
      row={(row) => <UnassignedRow row={row} />}
    />
  );
}

function UnassignedRow({ row }: { row: Opportunity }) {
  const { t } = useTranslation("workbench");
  const navigate = useNavigate();
  const assign = () =>
    navigate({ to: `/opportunities/${row.id}`, search: { form: "assign_opportunity" } as never });
  return (
    <div className="k-item">
      <div className="k-space">
        <Link className="k-strong" to={`/opportunities/${row.id}`}>
          {row.customer_name}
        </Link>
        <div className="k-small k-muted k-ellipsis">
          {row.number}
          <Dot />
          {row.summary}
        </div>
      </div>
      {row.actions.includes("assign_opportunity") && (
        <Button size="small" onClick={assign}>
          {t("unassigned.assign")}
        </Button>
      )}
    </div>
  );
}

/** Opportunities that are expected to end soon. */
export function OpportunitiesPanel() {
  const { t } = useTranslation("workbench");
  const to = addDays(today(), SOON);
  return (
    <ListPanel<Opportunity>
      title={t("soon.title", { count: SOON })}
      service="marketing"
      operation="list_opportunities"
      query={{ status: "developing", expected_close_date_to: to, sort: "expected_close_date" }}
      all={{
        path: "/opportunities",
        search: { status: "developing", expected_close_date_to: to, sort: "expected_close_date" },
      }}
      empty={t("soon.none")}
      row={(row) => <SoonRow row={row} />}
    />
  );
}

function SoonRow({ row }: { row: Opportunity }) {
  const stage = useStageName();
  return (
    <div className="k-item">
      <div className="k-due">
        <b>{row.expected_close_date && <Due day={row.expected_close_date} />}</b>
        <Day value={row.expected_close_date} short />
      </div>
      <div className="k-space">
        <Link className="k-strong" to={`/opportunities/${row.id}`}>
          {row.customer_name}
        </Link>
        <div className="k-small k-muted">
          {stage(row.stage)}
          <Dot />
          {row.success_rate}%
        </div>
      </div>
      <Money amount={row.expected_amount} currency={row.currency} />
    </div>
  );
}
