import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call, type Schemas } from "../../api/call.ts";
import { codeText, type Service, schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { queryKey } from "../../api/queries.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Day, Moment } from "../../ui/Values.tsx";
import { SERVICES } from "../dead-letters/api.ts";
import { ListPanel } from "./Panels.tsx";

type Scan = Schemas["customer"]["Scan"];
type AuditEntry = Schemas["auth"]["AuditEntry"];

/** Whether the system is well: events that could not be processed, scans, sign-ins that were refused. */
export function Health() {
  const may = useMay();
  return (
    <div className="k-halves">
      <div className="k-stack">
        <EventsPanel />
        {may("churn-scan:read") && <ScansPanel />}
      </div>
      <div className="k-stack">{may("audit:read") && <SignInsPanel />}</div>
    </div>
  );
}

/** The events that could not be processed, by service. */
function EventsPanel() {
  const { t } = useTranslation("workbench");
  const waiting = useWaiting();
  const none = waiting.every(({ total }) => total === 0);
  return (
    <Panel title={t("health.events")}>
      {none && <p className="k-panel-body k-muted">{t("health.noEvents")}</p>}
      <ul>
        {waiting
          .filter(({ total }) => total)
          .map(({ service, total }) => (
            <li key={service} className="k-item">
              <Link className="k-strong k-space" to="/dead-letters" search={{ tab: service } as never}>
                {t(`common:services.${service}`)}
              </Link>
              {t("health.waiting", { count: total })}
            </li>
          ))}
      </ul>
    </Panel>
  );
}

/** How many events wait in each service; undefined until it has answered. */
function useWaiting(): { service: Service; total: number | null | undefined }[] {
  const query = { limit: 1 };
  const answers = useQueries({
    queries: SERVICES.map((service) => ({
      queryKey: queryKey(service, "list_dead_letters", {}, query),
      // Every service has it; the types are those of one of them.
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call(service as "auth", "list_dead_letters", { query, signal }),
    })),
  });
  return SERVICES.map((service, index) => ({ service, total: answers[index]?.data?.data.total }));
}

function ScansPanel() {
  const { t } = useTranslation("workbench");
  return (
    <ListPanel<Scan>
      title={t("health.scans")}
      service="customer"
      operation="list_churn_scans"
      query={{ limit: 3 }}
      all={{ path: "/churn-scans", search: {} }}
      empty={t("health.noScans")}
      row={(scan) => (
        <div className="k-item">
          <div className="k-due">
            <Day value={scan.as_of} />
          </div>
          <div className="k-space">
            {codeText(schemaOf("customer", "Scan").fields.state, scan.state)}
            <div className="k-small k-muted">
              {t("health.scanned", { looked: scan.customers_looked_at, opened: scan.warnings_opened })}
            </div>
          </div>
        </div>
      )}
    />
  );
}

function SignInsPanel() {
  const { t } = useTranslation("workbench");
  return (
    <ListPanel<AuditEntry>
      title={t("health.signIns")}
      service="auth"
      operation="list_audit_entries"
      query={{ action: ["login"], outcome: ["refused"] }}
      all={{ path: "/audit", search: { action: "login", outcome: "refused" } }}
      empty={t("health.noSignIns")}
      row={(entry) => (
        <div className="k-item">
          <div className="k-due">
            <Moment value={entry.occurred_at} />
          </div>
          <div className="k-space">
            <Link to="/audit" search={{ action: "login", outcome: "refused", of: entry.id } as never}>
              {addressOf(entry)}
            </Link>
            <div className="k-small k-muted">{entry.code}</div>
          </div>
        </div>
      )}
    />
  );
}

/** Where somebody tried to sign in from. */
function addressOf(entry: AuditEntry): string {
  const noted = entry.changes.find(({ field }) => field === "address");
  return String(noted?.new ?? entry.request_id);
}
