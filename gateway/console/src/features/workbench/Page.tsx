import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { loadContracts } from "../../api/contract.ts";
import { useMay, useMe } from "../../api/me.ts";
import { locale } from "../../i18n/start.ts";
import { today } from "../../lib/dates.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Dot } from "../../ui/Values.tsx";
import { SERVICES } from "../dead-letters/api.ts";
import { Figures } from "./Figures.tsx";
import { Health } from "./Health.tsx";
import { OpportunitiesPanel, UnassignedPanel } from "./Opportunities.tsx";
import { PlanPanel } from "./PlanItems.tsx";
import { RequestsPanel } from "./Requests.tsx";
import { StartPanel } from "./Start.tsx";
import { WarningsPanel } from "./Warnings.tsx";

// Its contracts are those of all services, which nobody else's workbench needs.
const HealthPanels = lazy(async () => {
  await loadContracts(SERVICES);
  return { default: Health };
});

/** Where the day begins: what is due or waits, to be acted on where it stands, by what one may do. */
export default function Page() {
  const { t } = useTranslation("workbench");
  const me = useMe();
  const may = useMay();
  const plans = may("opportunity:plan");
  const assigns = may("opportunity:assign");
  const works = plans || assigns || may("churn-warning:read") || may("service-request:read");
  const day = new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeZone: "UTC" }).format(
    new Date(today()),
  );
  return (
    <div className="k-scroll">
      <div className="k-page">
        <header className="k-head">
          <PageTitle title={t("title")} />
          <span className="k-muted">
            {me.display_name}
            <Dot />
            {day}
          </span>
        </header>
        <div className="k-body k-stack">
          <Figures />
          <div className="k-halves">
            <div className="k-stack">
              {plans && <PlanPanel own={!assigns} />}
              {may("service-request:read") && <RequestsPanel />}
            </div>
            <div className="k-stack">
              {assigns && <UnassignedPanel />}
              {may("churn-warning:read") && <WarningsPanel />}
              {may("opportunity:read") && <OpportunitiesPanel />}
            </div>
          </div>
          {may("dead-letter:read") && (
            <Suspense>
              <HealthPanels />
            </Suspense>
          )}
          {!works && !may("dead-letter:read") && <StartPanel />}
        </div>
      </div>
    </div>
  );
}
