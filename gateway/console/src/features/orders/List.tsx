import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import type { View } from "../../ui/list/views.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Status } from "../../ui/Status.tsx";
import { ORDER_MARKS } from "../customers/api.ts";

type Order = Schemas["customer"]["Order"];

function useStatuses() {
  return schemaOf("customer", "Order").fields.status;
}

/** The orders of all customers, as the sales system last published them. */
export default function List() {
  const { t } = useTranslation("orders");
  const { search } = useAddress();
  const statuses = Object.entries(useStatuses()?.codes ?? {});
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        <Export service="customer" operation="export_all_orders" query={search} />
      </header>
      <DataList
        name="orders"
        service="customer"
        operation="list_all_orders"
        label={t("title")}
        columns={useColumns()}
        filters={["status", "ordered_on", "customer_id", "currency", "order_no"]}
        options={{ status: statuses.map(([value, label]) => ({ value, label: text(label) })) }}
        views={useViews(statuses.map(([code]) => code))}
        search={t("search")}
        to={(row) => `/customers/${row.customer_id}?tab=orders&order=${row.id}`}
      />
    </div>
  );
}

/** What the specification asks for first: number, day, customer, address, state. */
function useColumns(): Column<Order>[] {
  const field = useStatuses();
  return [
    { key: "order_no", width: 160 },
    { key: "ordered_on", width: 112, sort: "ordered_at" },
    { key: "customer_name", width: 200, strong: true },
    { key: "delivery_address", width: 240 },
    {
      key: "status",
      width: 112,
      render: (row) => <Status mark={ORDER_MARKS[row.status]}>{codeText(field, String(row.status))}</Status>,
    },
    { key: "total", width: 144 },
    { key: "paid_amount", width: 144 },
    { key: "unpaid_amount", width: 144, optional: true },
    { key: "salesperson", width: 112, optional: true },
    { key: "shipped_at", optional: true },
    { key: "planned_ship_on", width: 120, optional: true },
    { key: "paid_at", optional: true },
    { key: "planned_payment_on", width: 120, optional: true },
    { key: "payment_method", optional: true },
    { key: "customer_number", optional: true },
  ];
}

/** Without a status the API lists what was shipped or paid, as the specification wants; all are named here. */
function useViews(codes: string[]): View[] {
  const { t } = useTranslation("orders");
  return [
    { key: "history", label: t("views.history"), state: { sort: "-ordered_at" } },
    { key: "open", label: t("views.open"), state: { status: "1,2,3", sort: "-ordered_at" } },
    { key: "all", label: t("views.all"), state: { status: codes.join(","), sort: "-ordered_at" } },
  ];
}
