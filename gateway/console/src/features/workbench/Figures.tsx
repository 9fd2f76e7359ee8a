import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Service } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { Count } from "../../ui/Values.tsx";

interface Figure {
  key: string;
  service: Service;
  /** Counts records by state. */
  operation: string;
  permission: string;
  /** The states that count, and where they are shown. */
  states: string[];
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
  {
    key: "requests",
    service: "service-desk",
    operation: "count_requests",
    permission: "service-request:read",
    states: ["created", "assigned", "handled"],
    path: "/requests",
    search: { status: "created,assigned,handled" },
  },
];

/** The key figures, each a way to its records. */
export function Figures() {
  const may = useMay();
  const shown = FIGURES.filter((figure) => may(figure.permission));
  if (shown.length === 0) return null;
  return (
    <div className="k-figures">
      {shown.map((figure) => (
        <FigureLink key={figure.key} name={figure.key} figure={figure} />
      ))}
    </div>
  );
}

interface Counts {
  items: { value: string | null; count: number; capped: boolean }[];
}

function FigureLink({ name, figure }: { name: string; figure: Figure }) {
  const { service, operation, states, path, search } = figure;
  const { t } = useTranslation("workbench");
  const { data } = useLoaded(service, operation as never);
  const items = ((data?.data as unknown as Counts | undefined)?.items ?? []).filter(({ value }) =>
    states.includes(value ?? ""),
  );
  const total = items.reduce((sum, item) => sum + item.count, 0);
  return (
    <Link to={path} search={search as never}>
      <div className="k-small k-muted">{t(`figures.${name}` as never)}</div>
      <div className="k-figure">
        {data ? <Count value={total} /> : "–"}
        {items.some(({ capped }) => capped) && "+"}
        <small>{t(`units.${name}` as never)}</small>
      </div>
    </Link>
  );
}
