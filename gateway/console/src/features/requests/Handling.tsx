import { AutoComplete, Button, Form } from "antd";
import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSaved } from "../../ui/feedback.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import { type FormField, focusFirst } from "../../ui/form/layout.ts";
import { OperationForm } from "../../ui/form/OperationForm.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { type Rounds, type ServiceRequest, useRounds } from "./api.ts";
import { isOpen, leadsTo } from "./rules.ts";
import { Satisfaction } from "./Satisfaction.tsx";

const HANDLING: FormField[] = ["handling"];

function useFeedbackFields(reopenBelow: number): FormField[] {
  const { t } = useTranslation("requests");
  const channels = (["phone", "mail", "chat", "visit"] as const).map((key) => ({
    value: t(`channel.${key}`),
  }));
  return [
    "result",
    { name: "satisfaction", wide: true, control: <Satisfaction reopenBelow={reopenBelow} /> },
    { name: "contact", label: t("feedback.contact") },
    { name: "channel", control: <AutoComplete options={channels} allowClear /> },
  ];
}

/** What came of feedback, for the person who recorded it. */
function useFeedbackResult(): (saved: Record<string, any>) => string {
  const { t } = useTranslation("requests");
  return (saved) =>
    isOpen(saved.status) ? t("feedback.again", { round: saved.rounds + 1 }) : t("feedback.archived");
}

interface InPlaceProperties {
  row: ServiceRequest;
  operation: string;
  title: string;
  note?: string;
  fields: FormField[];
  initial?: Record<string, unknown>;
  /** The words on the button, given what the form holds. */
  submit: (values: Record<string, any> | undefined) => string;
  toast?: (saved: Record<string, any>) => string;
  children?: ReactNode;
}

/** The next step of a request, done where one reads what led to it; whom the address leads here begins in it. */
function InPlace({ row, operation, title, note, submit, toast, ...form }: InPlaceProperties) {
  const [instance] = Form.useForm();
  const [busy, setBusy] = useState(false);
  const saved = useSaved();
  const values = Form.useWatch([], instance);
  const { search } = useAddress();
  const named = search.form === operation;
  const begin = useEffectEvent(() => focusFirst(instance, form.fields));
  useEffect(() => {
    if (named) begin();
  }, [named]);
  return (
    <section className="k-panel k-panel-body" aria-label={title} style={{ marginTop: 12 }}>
      <div className="k-wrap" style={{ marginBottom: 12 }}>
        <h3>{title}</h3>
        <span className="k-space" />
        {note && <span className="k-small k-muted">{note}</span>}
      </div>
      <OperationForm
        form={instance}
        service="service-desk"
        operation={operation}
        path={{ request_id: row.id }}
        onState={(state) => setBusy(state.busy)}
        onSaved={(answer) => saved(toast?.(answer))}
        {...form}
      />
      <div className="k-row" style={{ justifyContent: "flex-end" }}>
        <Button type="primary" data-operation={operation} loading={busy} onClick={() => instance.submit()}>
          {submit(values)}
        </Button>
      </div>
    </section>
  );
}

export function HandleInPlace({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  return (
    <InPlace
      row={row}
      operation="handle_request"
      title={t("actions.handle_request")}
      fields={HANDLING}
      submit={() => t("handle.submit")}
    />
  );
}

export function FeedbackInPlace({ row, rounds }: { row: ServiceRequest; rounds: Rounds }) {
  const { t } = useTranslation("requests");
  const below = rounds.reopen_below;
  return (
    <InPlace
      row={row}
      operation="give_request_feedback"
      title={t("actions.give_request_feedback")}
      note={t("feedback.note", { count: rounds.no_answer_days })}
      fields={useFeedbackFields(below)}
      initial={{ contact: row.contact }}
      submit={(values) =>
        values?.satisfaction
          ? t(`feedback.submit.${leadsTo(values.satisfaction, below)}`)
          : t("feedback.submit.open")
      }
      toast={useFeedbackResult()}
    />
  );
}

/** The same two steps as dialogs, for a card of the board. */
export function StepForms({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const rounds = useRounds(row.id);
  const result = useFeedbackResult();
  const fields = useFeedbackFields(rounds?.reopen_below ?? 1);
  const path = { request_id: row.id };
  return (
    <>
      <FormDrawer
        title={t("actions.handle_request")}
        submit={t("handle.submit")}
        intro={row.summary}
        service="service-desk"
        operation="handle_request"
        path={path}
        fields={HANDLING}
        toast={() => row.number}
      />
      {rounds && (
        <FormDrawer
          title={t("actions.give_request_feedback")}
          submit={t("feedback.submit.open")}
          intro={row.summary}
          service="service-desk"
          operation="give_request_feedback"
          path={path}
          initial={{ contact: row.contact }}
          fields={fields}
          toast={result}
        />
      )}
    </>
  );
}
