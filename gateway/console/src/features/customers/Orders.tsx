import { Alert, Drawer, Grid, Skeleton, Table } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { useProblemText } from "../../ui/feedback.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { Related } from "../../ui/list/Related.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { Facts } from "../../ui/record/Facts.tsx";
import { Status } from "../../ui/Status.tsx";
import { Money, Nothing } from "../../ui/Values.tsx";
import type { Customer } from "./api.ts";
import { ORDERS } from "./marks.ts";
import { stateColumn } from "./tabs.tsx";

type Detail = Schemas["customer"]["OrderDetail"];
type Line = Schemas["customer"]["OrderLine"];

/** What a list of orders shows, as the specification says, and the total. */
export function orderColumns(): Column[] {
  return [
    { key: "order_no" },
    { key: "ordered_on" },
    stateColumn("customer", "Order", "status", ORDERS),
    { key: "delivery_address" },
    { key: "total" },
  ];
}

export function orderPath(customer: string, order: string): string {
  return `/customers/${customer}?tab=orders&order=${order}`;
}

/** The orders that were shipped or paid, the newest first; one opens beside them. */
export function Orders({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  const path = { customer_id: row.id };
  return (
    <div className="k-stack">
      <div className="k-row">
        <span className="k-muted k-space">{t("orders.which")}</span>
        <Export service="customer" operation="export_orders" path={path} query={{}} small />
      </div>
      <Related
        service="customer"
        operation="list_orders"
        path={path}
        label={t("tabs.orders")}
        empty={t("empty.orders")}
        to={(order) => orderPath(row.id, order.id)}
        columns={orderColumns()}
      />
    </div>
  );
}

/** One order with its lines and its total, named by the address. */
export function OrderDrawer({ customer }: { customer: string }) {
  const { t } = useTranslation("customers");
  const { search, change } = useAddress();
  const words = useProblemText();
  const phone = !Grid.useBreakpoint().md;
  const id = search.order;
  const reading = useLoaded("customer", "get_order", {
    path: { customer_id: customer, order_id: id ?? "" },
    enabled: Boolean(id),
  });
  const order = reading.data?.data as Detail | undefined;
  if (!id) return null;
  return (
    <Drawer
      open
      size={phone ? "100%" : 720}
      title={t("orders.title", { number: order?.order_no ?? "" })}
      onClose={() => change({ order: undefined }, true)}
    >
      {order && <OrderContent order={order} />}
      {reading.isPending && <Skeleton paragraph={{ rows: 6 }} />}
      {reading.error && <Alert type="warning" showIcon title={words(reading.error)} />}
    </Drawer>
  );
}

function OrderContent({ order }: { order: Detail }) {
  const { t } = useTranslation("customers");
  const schema = schemaOf("customer", "OrderDetail");
  const given = (names: (keyof Detail)[]) => names.filter((name) => order[name] !== null);
  return (
    <div className="k-stack">
      <Facts
        two
        schema={schema}
        row={order}
        facts={[
          {
            name: "status",
            render: (
              <Status mark={ORDERS[order.status]}>{codeText(schema.fields.status, `${order.status}`)}</Status>
            ),
          },
          "ordered_at",
          "delivery_address",
          ...given([
            "planned_ship_on",
            "shipped_at",
            "payment_method",
            "planned_payment_on",
            "paid_at",
            "paid_amount",
            "unpaid_amount",
            "salesperson",
            "opportunity_number",
            "contract_number",
          ]),
        ]}
      />
      {order.total_mismatch && <Alert type="warning" showIcon title={t("orders.mismatch")} />}
      <Lines order={order} />
    </div>
  );
}

function Lines({ order }: { order: Detail }) {
  const { t } = useTranslation("customers");
  const { fields } = schemaOf("customer", "OrderLine");
  const sums = schemaOf("customer", "OrderDetail").fields;
  const column = (name: keyof Line) => ({
    key: name,
    title: text(fields[name]?.label, name),
    render: (_: unknown, line: Line) => line[name] ?? <Nothing />,
  });
  const amount = (value: string) => <Money amount={value} currency={order.currency} />;
  const parts = (["discount", "freight", "tax"] as const).filter((name) => Number(order[name]) !== 0);
  return (
    <section className="k-panel" aria-label={t("orders.lines")}>
      <Table<Line & { key: number }>
        aria-label={t("orders.lines")}
        size="middle"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={order.lines.map((line, key) => ({ ...line, key }))}
        columns={[
          column("product_code"),
          column("name"),
          { ...column("quantity"), align: "end" },
          column("unit"),
          { ...column("unit_price"), align: "end" },
          { ...column("amount"), align: "end", render: (_, line) => amount(line.amount) },
        ]}
      />
      <dl className="k-facts k-sums">
        {parts.map((name) => (
          <Sum key={name} label={text(sums[name]?.label)}>
            {amount(order[name])}
          </Sum>
        ))}
        <Sum label={text(sums.total?.label)}>
          <b>{amount(order.total)}</b>
        </Sum>
      </dl>
    </section>
  );
}

function Sum({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
