import { PauseCircleOutlined } from "@ant-design/icons";
import { Button, Form, Timeline } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { schemaOf } from "../../api/contract.ts";
import { useSaved } from "../../ui/feedback.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import { OperationForm } from "../../ui/form/OperationForm.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { Facts } from "../../ui/record/Facts.tsx";
import { Day, Dot, Moment } from "../../ui/Values.tsx";
import type { WarningDetail } from "./api.ts";
import { needsMeasure } from "./rules.ts";

/** What is done about a warning: measures first, then the confirmation, or how it ended. */
export function Handling({ row }: { row: WarningDetail }) {
  return (
    <>
      {row.actions.includes("reprieve_churn_warning") && <Reprieve id={row.id} />}
      <Confirmation row={row} />
      <Measures row={row} />
    </>
  );
}

/** A further measure, written where one reads of the warning; it never replaces an earlier one. */
function Reprieve({ id }: { id: string }) {
  const { t } = useTranslation("churn");
  const [form] = Form.useForm();
  const [busy, setBusy] = useState(false);
  const saved = useSaved();
  return (
    <section className="k-stack" style={{ gap: 8 }} aria-label={t("actions.reprieve_churn_warning")}>
      <header className="k-wrap">
        <h3>{t("actions.reprieve_churn_warning")}</h3>
        <span className="k-small k-muted">{t("reprieve.hint")}</span>
      </header>
      <OperationForm
        form={form}
        service="customer"
        operation="reprieve_churn_warning"
        path={{ warning_id: id }}
        fields={["measure", { name: "next_review_on", hint: t("reprieve.review") }]}
        onState={(state) => setBusy(state.busy)}
        onSaved={() => {
          saved();
          form.resetFields();
        }}
      />
      <div>
        <Button
          type="primary"
          data-operation="reprieve_churn_warning"
          loading={busy}
          onClick={() => form.submit()}
        >
          {t("actions.reprieve_churn_warning")}
        </Button>
      </div>
    </section>
  );
}

/** The confirmation of the loss; before a measure was taken, why it is not there yet. */
function Confirmation({ row }: { row: WarningDetail }) {
  const { t } = useTranslation("churn");
  const { change } = useAddress();
  const may = row.actions.includes("confirm_churn_warning");
  if (row.closed_at) return <Outcome row={row} />;
  if (!may && !needsMeasure(row)) return null;
  return (
    <section className="k-stack" style={{ gap: 8 }} aria-label={t("actions.confirm_churn_warning")}>
      <h3>{t("actions.confirm_churn_warning")}</h3>
      <p className="k-muted">{t(may ? "confirm.means" : "confirm.notYet")}</p>
      {may && (
        <div>
          <Button
            danger
            data-operation="confirm_churn_warning"
            onClick={() => change({ form: "confirm_churn_warning" })}
          >
            {t("actions.confirm_churn_warning")}
          </Button>
        </div>
      )}
      {may && (
        <FormDrawer
          small
          danger
          title={t("actions.confirm_churn_warning")}
          submit={t("actions.confirm_churn_warning")}
          intro={t("confirm.intro", { name: row.customer_name })}
          service="customer"
          operation="confirm_churn_warning"
          path={{ warning_id: row.id }}
          fields={["reason_code", "reason"]}
        />
      )}
    </section>
  );
}

function Outcome({ row }: { row: WarningDetail }) {
  const { t } = useTranslation("churn");
  const lost = row.state === "confirmed";
  return (
    <section className="k-stack" style={{ gap: 8 }} aria-label={t("outcome")}>
      <h3>{t("outcome")}</h3>
      <Facts
        schema={schemaOf("customer", "WarningDetail")}
        row={row}
        facts={lost ? ["reason_code", "reason", "confirmed_by", "closed_at"] : ["state", "closed_at"]}
      />
    </section>
  );
}

/** Every measure that was taken, with who, when and the day of review; the newest first. */
function Measures({ row }: { row: WarningDetail }) {
  const { t } = useTranslation("churn");
  const items = [...row.reprieves].reverse().map((reprieve) => ({
    key: reprieve.id,
    icon: <PauseCircleOutlined />,
    content: (
      <div data-reprieve={reprieve.id}>
        <p className="k-text">{reprieve.measure}</p>
        <p className="k-small k-muted">
          {reprieve.created_by_name}
          <Dot />
          <Moment value={reprieve.created_at} />
          <Dot />
          {t("step.review")} <Day value={reprieve.next_review_on} />
        </p>
      </div>
    ),
  }));
  return (
    <section aria-label={t("measures.title")}>
      <h3 style={{ marginBottom: 12 }}>{t("measures.title")}</h3>
      {items.length === 0 ? <p className="k-muted">{t("measures.none")}</p> : <Timeline items={items} />}
    </section>
  );
}
