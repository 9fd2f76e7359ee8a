import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { Changes } from "../../ui/record/Changes.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { RecordPage, RecordState } from "../../ui/record/RecordPage.tsx";
import { Status } from "../../ui/Status.tsx";
import { MARKS, useWarning, type WarningDetail } from "./api.ts";
import { CustomerFacts, Orders } from "./Customer.tsx";
import { Handling } from "./Handling.tsx";
import { Step } from "./Step.tsx";

export default function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const reading = useWarning(id);
  if (!reading.data) return <RecordState reading={reading} />;
  return <Record row={reading.data.data as WarningDetail} />;
}

function Record({ row }: { row: WarningDetail }) {
  const { t } = useTranslation("churn");
  const schema = schemaOf("customer", "WarningDetail");
  return (
    <RecordPage
      list={{ path: "/churn-warnings", label: t("title") }}
      name={row.customer_name}
      status={
        <Status tag mark={MARKS[row.state]}>
          {codeText(schema.fields.state, row.state)}
        </Status>
      }
      context={row.closed_at ? undefined : <Step row={row} />}
      tabs={[
        {
          key: "handling",
          label: t("tabs.handling"),
          content: (
            <div className="k-stack" style={{ gap: 24, maxWidth: 720 }}>
              <Handling row={row} />
            </div>
          ),
        },
        {
          key: "history",
          label: t("tabs.history"),
          content: (
            <Changes
              service="customer"
              operation="list_churn_warning_changes"
              path={{ warning_id: row.id }}
              schema={schema}
            />
          ),
        },
      ]}
      aside={<Side row={row} />}
    />
  );
}

function Side({ row }: { row: WarningDetail }) {
  const { t } = useTranslation("churn");
  const may = useMay();
  const customer = may("customer:read") ? (
    <Link to={`/customers/${row.customer_id}`} search={{}}>
      {row.customer_name}
    </Link>
  ) : (
    row.customer_name
  );
  return (
    <>
      <section className="k-stack">
        <h2>{t("facts")}</h2>
        <Facts
          schema={schemaOf("customer", "WarningDetail")}
          row={row}
          facts={[
            { name: "customer_name", render: customer },
            "customer_number",
            { name: "manager_id" },
            "kind",
            "last_order_on",
            "cut_off_on",
            "opened_at",
            "measure_due_on",
            "next_review_on",
          ]}
        />
      </section>
      <CustomerFacts row={row} />
      <Orders row={row} />
    </>
  );
}
