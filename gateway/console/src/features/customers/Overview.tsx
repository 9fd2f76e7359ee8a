import { EditOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { schemaOf, text } from "../../api/contract.ts";
import { RelatedRows } from "../../ui/list/Related.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { Panel } from "../../ui/Panel.tsx";
import { type Fact, Facts } from "../../ui/record/Facts.tsx";
import { Money } from "../../ui/Values.tsx";
import type { Customer } from "./api.ts";
import type { Around } from "./around.ts";
import { orderColumns, orderPath } from "./Orders.tsx";
import { websiteAddress } from "./rules.ts";

export function Overview({ row, around }: { row: Customer; around: Around }) {
  return (
    <div className="k-stack">
      <LastOrders row={row} around={around} />
      <Details row={row} />
      {row.sales_differences.length > 0 && <Differences row={row} />}
    </div>
  );
}

/** Orders that stand before everything else. */
const FEW = 5;

function LastOrders({ row, around }: { row: Customer; around: Around }) {
  const { t } = useTranslation("customers");
  const orders = around.orders;
  return (
    <Panel
      title={t("tabs.orders")}
      count={orders?.total}
      extra={
        <Link to="." search={{ tab: "orders" }} resetScroll={false}>
          {t("orders.all")}
        </Link>
      }
    >
      {orders?.rows.length === 0 && <p className="k-panel-body k-muted">{t("empty.orders")}</p>}
      {orders && orders.rows.length > 0 && (
        <RelatedRows
          rows={orders.rows.slice(0, FEW)}
          columns={orderColumns()}
          schema={schemaOf("customer", "Order")}
          to={(order) => orderPath(row.id, order.id)}
          label={t("tabs.orders")}
        />
      )}
    </Panel>
  );
}

/** Everything that is known of the company, in the order of the form. */
function Details({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  const { change } = useAddress();
  const schema = schemaOf("customer", "Customer");
  const money = (name: "registered_capital" | "annual_turnover"): Fact => ({
    name,
    render: row.capital_currency && row[name] && <Money amount={row[name]} currency={row.capital_currency} />,
  });
  const parts: [string, Fact[]][] = [
    [t("parts.contact"), [...contactFacts(row), "country", "province", "city"]],
    [
      t("parts.company"),
      [
        "registration_no",
        "legal_representative",
        ...(row.restricted
          ? []
          : [
              money("registered_capital"),
              money("annual_turnover"),
              "bank",
              "account_no",
              "local_tax_no",
              "state_tax_no",
            ]),
        "parent_company",
      ],
    ],
    [
      t("parts.more"),
      [
        "source",
        "type",
        "stage",
        "follow_status",
        "referred_by",
        "products",
        "tags",
        "keywords",
        "is_prospect",
      ],
    ],
  ];
  return (
    <Panel
      title={t("parts.all")}
      extra={
        row.actions.includes("update_customer") && (
          <Button
            type="text"
            size="small"
            icon={<EditOutlined />}
            onClick={() => change({ form: "update_customer" })}
          >
            {t("edit")}
          </Button>
        )
      }
    >
      <div className="k-panel-body k-stack">
        {parts.map(([title, facts]) => (
          <section key={title} className="k-stack" style={{ gap: 8 }}>
            <h3>{title}</h3>
            <Facts two schema={schema} row={row} facts={facts} />
          </section>
        ))}
        {row.restricted && <p className="k-small k-muted">{t("restricted")}</p>}
        {row.remark && (
          <section>
            <h3>{text(schema.fields.remark?.label)}</h3>
            <p className="k-text">{row.remark}</p>
          </section>
        )}
      </div>
    </Panel>
  );
}

/** What one writes to, calls or opens. */
function contactFacts(row: Customer): Fact[] {
  return [
    "address",
    { name: "phone", render: row.phone && <a href={`tel:${row.phone}`}>{row.phone}</a> },
    "postcode",
    "fax",
    {
      name: "website",
      render: row.website && (
        <a href={websiteAddress(row.website)} target="_blank" rel="noopener noreferrer">
          {row.website}
        </a>
      ),
    },
    { name: "email", render: row.email && <a href={`mailto:${row.email}`}>{row.email}</a> },
  ];
}

/** Where the sales system says something else. */
function Differences({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  const { fields } = schemaOf("customer", "Customer");
  return (
    <Panel title={text(fields.sales_differences?.label)} count={row.sales_differences.length}>
      <ul>
        {row.sales_differences.map(({ code, field, ours, sales }) => (
          <li key={`${code} ${field}`} className="k-item">
            <span className="k-space">
              <b>{text(fields[field]?.label, field)}</b>
              <span className="k-small k-muted">　{code}</span>
              <br />
              {t("differs", { ours: ours ?? "—", sales })}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
