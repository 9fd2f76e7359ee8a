import { Grid } from "antd";
import { useTranslation } from "react-i18next";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { daysBetween, today } from "../../lib/dates.ts";
import { addressOf } from "../../ui/list/address.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import type { View } from "../../ui/list/views.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Status } from "../../ui/Status.tsx";
import { Count, Nothing } from "../../ui/Values.tsx";
import { MARKS, type Warning } from "./api.ts";
import { Desk } from "./Desk.tsx";
import { Step } from "./Step.tsx";

const FILTERS = [
  "state",
  "kind",
  "manager_id",
  "last_order_on",
  "next_review_on",
  "opened_at",
  "customer_id",
  "cut_off_on",
];

/** The churn desk: the warnings, and on wide windows beside them the one that is open. */
export default function List() {
  const { t } = useTranslation("churn");
  const { search } = useAddress();
  const wide = Grid.useBreakpoint().xl === true;
  const open = wide ? search.open : undefined;
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        <Export service="customer" operation="export_churn_warnings" query={search} />
      </header>
      <div className="k-beside">
        <div className="k-page">
          <DataList
            name="churn-warnings"
            service="customer"
            operation="list_churn_warnings"
            label={t("title")}
            columns={useColumns()}
            filters={FILTERS}
            views={useViews()}
            search={t("search")}
            to={(row) =>
              wide ? addressOf("/churn-warnings", { ...search, open: row.id }) : `/churn-warnings/${row.id}`
            }
          />
        </div>
        {open && <Desk key={open} id={open} />}
      </div>
    </div>
  );
}

function useColumns(): Column<Warning>[] {
  const { t } = useTranslation("churn");
  const field = schemaOf("customer", "Warning").fields.state;
  return [
    { key: "customer_name", width: 176, strong: true },
    { key: "last_order_on", width: 108 },
    {
      key: "days",
      title: t("days"),
      width: 92,
      numeric: true,
      render: (row) => <WithoutOrder row={row} />,
    },
    { key: "manager_id", width: 124 },
    { key: "step", title: t("step.title"), width: 132, render: (row) => <Step row={row} /> },
    {
      key: "state",
      width: 104,
      render: (row) => <Status mark={MARKS[row.state]}>{codeText(field, row.state)}</Status>,
    },
    { key: "customer_number", width: 120, optional: true },
    { key: "kind", width: 120, optional: true },
    { key: "opened_at", optional: true },
    { key: "cut_off_on", optional: true },
    { key: "next_review_on", width: 120, optional: true },
    { key: "closed_at", optional: true },
    { key: "reason_code", width: 112, optional: true },
    { key: "reason", width: 240, optional: true },
    { key: "confirmed_by", width: 128, optional: true },
  ];
}

/** The days since the last order; who never ordered has none. */
function WithoutOrder({ row }: { row: Warning }) {
  const { t } = useTranslation("churn");
  if (!row.last_order_on) return row.kind === "never_ordered" ? t("never") : <Nothing />;
  return <Count value={daysBetween(row.last_order_on, today())} />;
}

const LOST = ["customer_name", "closed_at", "reason_code", "reason", "manager_id", "confirmed_by"];

/** What is to be done, then what was done; each with its number. */
function useViews(): View[] {
  const { t } = useTranslation("churn");
  const states = schemaOf("customer", "Warning").fields.state;
  const due = { state: "reprieved", next_review_on_to: today(), sort: "next_review_on" };
  const all = useCounts({});
  const reviews = useCounts({ state: ["reprieved"], next_review_on_to: today() });
  const view = (state: string, more: Partial<View> = {}): View => ({
    key: state,
    label: codeText(states, state),
    count: all(state),
    state: { state },
    ...more,
  });
  return [
    view("open", { state: { state: "open", sort: "opened_at" } }),
    { key: "review", label: t("views.review"), count: reviews("reprieved"), state: due },
    view("reprieved", { state: { state: "reprieved", sort: "next_review_on" } }),
    view("confirmed", { columns: LOST }),
    view("recovered"),
    { key: "all", label: t("views.all"), state: { sort: "-opened_at" } },
  ];
}

/** How many warnings there are of a state. */
function useCounts(query: { state?: "reprieved"[]; next_review_on_to?: string }) {
  const { data } = useLoaded("customer", "count_churn_warnings", { query: { by: "state", ...query } });
  return (state: string) =>
    data?.data.items.find(({ value }) => value === state)?.count ?? (data ? 0 : undefined);
}
