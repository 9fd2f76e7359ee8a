import { Alert, Drawer, Skeleton } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { usePhone } from "../../lib/screen.ts";
import { useProblemText } from "../../ui/feedback.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { Related } from "../../ui/list/Related.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { Facts } from "../../ui/record/Facts.tsx";
import { Status } from "../../ui/Status.tsx";
import { Money, Nothing } from "../../ui/Values.tsx";
import { type Customer, ORDER_MARKS } from "./api.ts";
import { stateColumn } from "./tabs.tsx";

type Detail = Schemas["customer"]["OrderDetail"];

/** What a list of orders shows, as the specification says, and the total. */
export function orderColumns(): Column[] {
  return [
    { key: "order_no", width: 148 },
    { key: "ordered_on", width: 112 },
    { key: "delivery_address", width: 160 },
    stateColumn("customer", "Order", "status", ORDER_MARKS),
    { key: "total", width: 136 },
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
  const phone = usePhone();
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
              <Status mark={ORDER_MARKS[order.status]}>
                {codeText(schema.fields.status, `${order.status}`)}
              </Status>
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

const COLUMNS = ["product_code", "name", "quantity", "unit", "unit_price", "amount"] as const;
const NUMBERS = new Set<string>(["quantity", "unit_price", "amount"]);

function Lines({ order }: { order: Detail }) {
  const { t } = useTranslation("customers");
  const { fields } = schemaOf("customer", "OrderLine");
  const sums = schemaOf("customer", "OrderDetail").fields;
  const amount = (value: string) => <Money amount={value} currency={order.currency} />;
  const parts = (["discount", "freight", "tax"] as const).filter((name) => Number(order[name]) !== 0);
  const align = (name: string) => (NUMBERS.has(name) ? "k-num" : "");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="k-panel k-lines" aria-label={t("orders.lines")} tabIndex={0}>
      <table style={{ minWidth: 600 }}>
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th
                key={name}
                scope="col"
                className={align(name)}
                style={name === "name" ? { width: "30%" } : {}}
              >
                {text(fields[name]?.label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {order.lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and never move
            <tr key={index}>
              {COLUMNS.map((name) => (
                <td key={name} className={align(name)}>
                  {name === "amount" ? amount(line.amount) : (line[name] ?? <Nothing />)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
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

function Sum({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
