import { PhoneOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import { daysBetween, today } from "../../lib/dates.ts";
import { Day, Money } from "../../ui/Values.tsx";
import { type Order, useCustomer, type Warning } from "./api.ts";
import { averageInterval, ordersByMonth } from "./rules.ts";

/** The customer in one line: level, satisfaction, credit, telephone. */
export function CustomerFacts({ row }: { row: Warning }) {
  const { t } = useTranslation("churn");
  const { customer } = useCustomer(row.customer_id);
  if (!customer) return null;
  const { fields } = schemaOf("customer", "Customer");
  return (
    <div className="k-wrap" style={{ fontSize: 13 }}>
      <span>{codeText(fields.level, customer.level)}</span>
      <span>
        {text(fields.satisfaction?.label)} <b>{customer.satisfaction}</b>
      </span>
      <span>
        {text(fields.credit?.label)} <b>{customer.credit}</b>
      </span>
      {customer.phone && (
        <a href={`tel:${customer.phone}`}>
          <PhoneOutlined aria-hidden /> {customer.phone}
        </a>
      )}
      <span className="k-space" />
      <Link to={`/customers/${customer.id}`} search={{}}>
        {t("customer")}
      </Link>
    </div>
  );
}

/** Months of orders that are shown. */
const MONTHS = 14;
/** Orders that are listed. */
const NEWEST = 5;

/** How often the customer ordered of late, and the last orders. */
export function Orders({ row }: { row: Warning }) {
  const { t } = useTranslation("churn");
  const { orders } = useCustomer(row.customer_id);
  if (!orders) return null;
  return (
    <section className="k-sunk k-stack" style={{ gap: 8 }} aria-label={t("orders.title")}>
      <div className="k-wrap k-small k-muted">
        <span>{t("orders.months", { count: MONTHS })}</span>
        <span className="k-space" />
        <Interval days={orders.map((order) => order.ordered_on)} />
      </div>
      <Bars days={orders.map((order) => order.ordered_on)} />
      <LastOrders orders={orders.slice(0, NEWEST)} />
    </section>
  );
}

function Interval({ days }: { days: string[] }) {
  const { t } = useTranslation("churn");
  const average = averageInterval(days);
  const last = days[0];
  if (average === undefined || !last) return null;
  const over = daysBetween(last, today()) - average;
  return <span>{over > 0 ? t("orders.over", { average, over }) : t("orders.average", { average })}</span>;
}

/** A bar for each month; the list of orders below says the same in words. */
function Bars({ days }: { days: string[] }) {
  const months = ordersByMonth(days, today(), MONTHS);
  const most = Math.max(1, ...months.map(({ count }) => count));
  return (
    <div className="k-bars" aria-hidden>
      {months.map(({ month, count }) => (
        <span key={month} title={`${month} ${count}`}>
          <i
            style={{ height: count ? Math.max(4, (44 * count) / most) : 1 }}
            data-empty={!count || undefined}
          />
          {Number(month.slice(5))}
        </span>
      ))}
    </div>
  );
}

function LastOrders({ orders }: { orders: Order[] }) {
  const { t } = useTranslation("churn");
  const { status } = schemaOf("customer", "Order").fields;
  if (orders.length === 0) return <p className="k-small k-muted">{t("orders.none")}</p>;
  return (
    <ul className="k-short">
      {orders.map((order) => (
        <li key={order.id}>
          <Link to={`/customers/${order.customer_id}`} search={{ tab: "orders", order: order.id } as never}>
            {order.order_no}
          </Link>
          <Day value={order.ordered_on} />
          <span className="k-muted">{codeText(status, String(order.status))}</span>
          <span style={{ marginInlineStart: "auto" }}>
            <Money amount={order.total} currency={order.currency} />
          </span>
        </li>
      ))}
    </ul>
  );
}
