import { Link } from "@tanstack/react-router";
import { Timeline } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { Facts } from "../../ui/record/Facts.tsx";
import { Status } from "../../ui/Status.tsx";
import { Moment } from "../../ui/Values.tsx";

type Loss = Schemas["customer"]["Loss"];

/** When and why the customer was lost, and how it came back. */
export function Losses({ customer }: { customer: string }) {
  const { t } = useTranslation("customers");
  const { data } = useLoaded("customer", "list_customer_losses", { path: { customer_id: customer } });
  const losses = (data?.data.items ?? []) as Loss[];
  if (data && losses.length === 0) return <p className="k-muted">{t("empty.losses")}</p>;
  return <Timeline items={losses.map((loss) => ({ key: loss.id, content: <LossEntry loss={loss} /> }))} />;
}

function LossEntry({ loss }: { loss: Loss }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const schema = schemaOf("customer", "Loss");
  return (
    <div className="k-stack" style={{ gap: 8 }}>
      <div className="k-wrap">
        <Status mark="failed">{codeText(schema.fields.reason_code, loss.reason_code)}</Status>
        <Moment value={loss.lost_at} />
        {may("churn-warning:read") && (
          <Link to={`/churn-warnings/${loss.warning_id}`}>{t("warning.open")}</Link>
        )}
      </div>
      <p className="k-text">{loss.reason}</p>
      <Facts schema={schema} row={loss} facts={["confirmed_by", "manager_id"]} />
      {loss.reactivated_at && (
        <div className="k-sunk">
          <Facts
            schema={schema}
            row={loss}
            facts={["reactivated_at", "reactivation_cause", "reactivation_reason", "reactivated_by"]}
          />
        </div>
      )}
    </div>
  );
}
