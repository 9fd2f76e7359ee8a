import { useTranslation } from "react-i18next";
import { codeText, schemaOf } from "../../api/contract.ts";
import { Actions } from "../../ui/record/Actions.tsx";
import { Steps } from "../../ui/record/Steps.tsx";
import { Moment } from "../../ui/Values.tsx";
import { useStartActions } from "./actions.tsx";
import { type ServiceRequest, useRounds } from "./api.ts";

const STEPS = ["created", "assigned", "handled", "feedback", "archived"] as const;

/** How far a request is, from its creation to the archive, and when it got there. */
export function Progress({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const rounds = useRounds(row.id);
  if (row.status === "cancelled") return null;
  const field = schemaOf("service-desk", "Request").fields.status;
  const archived = row.status === "archived";
  const moments = {
    created: row.created_at,
    assigned: row.assigned_at,
    handled: row.handled_at,
    feedback: archived ? rounds?.items.at(-1)?.feedback_at : undefined,
    archived: row.archived_at,
  };
  return (
    <Steps
      label={t("progress")}
      steps={STEPS.map((step) => ({
        key: step,
        label: step === "feedback" ? t("fedBack") : codeText(field, step),
        note: moments[step] && <Moment value={moments[step]} />,
      }))}
      at={STEPS.indexOf(row.status)}
      ended={archived}
    />
  );
}

/** What is to be done now, and by whom; or why nothing more is. */
export function NextStep({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const start = useStartActions(row);
  const reasons = schemaOf("service-desk", "Request").fields.close_reason;
  if (row.status === "cancelled")
    return <Ended text={t("ended.cancelled", { reason: row.cancel_reason })} at={row.cancelled_at} />;
  if (row.close_reason)
    return (
      <Ended text={t("ended.closed", { reason: codeText(reasons, row.close_reason) })} at={row.archived_at} />
    );
  if (row.status !== "created") return null;
  const mine = start.some(({ operation }) => row.actions.includes(operation));
  return (
    <div className="k-next">
      <b>{t("next.title")}</b>
      <span className="k-space">{t(mine ? "next.assign" : "next.wait")}</span>
      <Actions service="service-desk" path={{ request_id: row.id }} allowed={row.actions} actions={start} />
    </div>
  );
}

function Ended({ text, at }: { text: string; at: string | null }) {
  return (
    <div className="k-next">
      <span className="k-space">{text}</span>
      <span className="k-small k-muted">
        <Moment value={at} />
      </span>
    </div>
  );
}
