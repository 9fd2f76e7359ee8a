import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Service } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { Count } from "../../ui/Values.tsx";
import { OPEN, useOpenRequests } from "./Requests.tsx";

interface Figure {
  key: string;
  service: Service;
  /** Counts records by state. */
  operation: string;
  permission: string;
  /** The states that count. */
  states: string[];
  /** Where the records are shown. */
  path: string;
  search: Record<string, string>;
}

const FIGURES: Figure[] = [
  {
    key: "opportunities",
    service: "marketing",
    operation: "count_opportunities",
    permission: "opportunity:read",
    states: ["unassigned", "developing"],
    path: "/opportunities",
    search: { status: "unassigned,developing" },
  },
  {
    key: "customers",
    service: "customer",
    operation: "count_customers",
    permission: "customer:read",
    states: ["normal"],
    path: "/customers",
    search: { status: "normal" },
  },
  {
    key: "warnings",
    service: "customer",
    operation: "count_churn_warnings",
    permission: "churn-warning:read",
    states: ["open", "reprieved"],
    path: "/churn-warnings",
    search: { state: "open,reprieved" },
  },
];

/** The key figures, each a way to its records. */
export function Figures() {
  const may = useMay();
  const shown = FIGURES.filter((figure) => may(figure.permission));
  const requests = may("service-request:read");
  if (shown.length === 0 && !requests) return null;
  return (
    <div className="k-figures">
      {shown.map((figure) => (
        <CountedFigure key={figure.key} figure={figure} />
      ))}
      {requests && <RequestsFigure />}
    </div>
  );
}

interface Counts {
  items: { value: string | null; count: number; capped: boolean }[];
}

function CountedFigure({ figure }: { figure: Figure }) {
  const { service, operation, states } = figure;
  const { data } = useLoaded(service, operation as never);
  const items = ((data?.data as unknown as Counts | undefined)?.items ?? []).filter(({ value }) =>
    states.includes(value ?? ""),
  );
  const total = data && items.reduce((sum, item) => sum + item.count, 0);
  return (
    <FigureLink {...figure} name={figure.key} total={total} capped={items.some((item) => item.capped)} />
  );
}

/** The requests that are not finished; the list below has counted them. */
function RequestsFigure() {
  const { total, total_capped } = useOpenRequests().data?.data ?? {};
  return (
    <FigureLink
      name="requests"
      path="/requests"
      search={OPEN}
      total={total ?? undefined}
      capped={total_capped === true}
    />
  );
}

interface FigureLinkProperties {
  name: string;
  path: string;
  search: Record<string, string>;
  /** Missing while it is not known. */
  total: number | undefined;
  capped: boolean;
}

function FigureLink({ name, path, search, total, capped }: FigureLinkProperties) {
  const { t } = useTranslation("workbench");
  return (
    <Link to={path} search={search as never}>
      <div className="k-small k-muted">{t(`figures.${name}` as never)}</div>
      <div className="k-figure">
        {total === undefined ? "–" : <Count value={total} />}
        {capped && "+"}
        <small>{t(`units.${name}` as never)}</small>
      </div>
    </Link>
  );
}
