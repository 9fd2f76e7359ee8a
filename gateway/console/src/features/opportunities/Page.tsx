import { EditOutlined } from "@ant-design/icons";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useAct, useLoaded } from "../../api/queries.ts";
import { useFault, useSaved } from "../../ui/feedback.ts";
import { useAddress } from "../../ui/list/state.ts";
import { Person } from "../../ui/Person.tsx";
import { type Action, Actions } from "../../ui/record/Actions.tsx";
import { Changes } from "../../ui/record/Changes.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { RecordPage, RecordState } from "../../ui/record/RecordPage.tsx";
import { Status } from "../../ui/Status.tsx";
import { Due } from "../../ui/Values.tsx";
import { AssignForm } from "./Assign.tsx";
import { MARKS, type Opportunity } from "./api.ts";
import { CloseForms, EditForm, ProgressForm } from "./Form.tsx";
import { Plan, usePlan } from "./Plan.tsx";
import { StageBar } from "./Stages.tsx";

export default function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const reading = useLoaded("marketing", "get_opportunity", {
    path: { opportunity_id: id },
    // The customer of a won opportunity comes by event.
    again: (row) => (row?.status === "won" && !row.customer_id ? 1_000 : false),
  });
  if (!reading.data) return <RecordState reading={reading} />;
  return <Record loaded={reading.data as Loaded<Opportunity>} />;
}

function Record({ loaded }: { loaded: Loaded<Opportunity> }) {
  const { t } = useTranslation("opportunities");
  const row = loaded.data;
  const path = { opportunity_id: row.id };
  const schema = schemaOf("marketing", "Opportunity");
  const move = useMove(row);
  const actions = useActions(loaded);
  const plan = usePlan(row.id);
  return (
    <>
      <RecordPage
        list={{ path: "/opportunities", label: t("title") }}
        number={row.number}
        name={row.customer_name}
        status={
          <Status tag mark={MARKS[row.status]}>
            {codeText(schema.fields.status, row.status)}
          </Status>
        }
        context={row.summary}
        actions={<Actions service="marketing" path={path} allowed={row.actions} actions={actions} />}
        lead={
          <>
            {row.status === "developing" && (
              <StageBar
                code={row.stage}
                onMove={row.actions.includes("move_opportunity") ? move : undefined}
              />
            )}
            <NextStep row={row} />
          </>
        }
        tabs={[
          { key: "plan", label: t("tabs.plan"), count: plan.length, content: <Plan row={row} /> },
          {
            key: "history",
            label: t("tabs.history"),
            content: (
              <Changes service="marketing" operation="list_opportunity_changes" path={path} schema={schema} />
            ),
          },
        ]}
        aside={<Side row={row} />}
      />
      {row.actions.includes("update_opportunity") && <EditForm loaded={loaded} />}
      {row.actions.includes("progress_opportunity") && <ProgressForm loaded={loaded} />}
      <AssignForm id={row.id} />
      <CloseForms row={row} />
    </>
  );
}

function useMove(row: Opportunity) {
  const act = useAct("marketing");
  const saved = useSaved();
  const fault = useFault();
  return (stage: string) =>
    act
      .mutateAsync({ operation: "move_opportunity", path: { opportunity_id: row.id }, body: { stage } })
      .then(() => saved(), fault);
}

function useActions({ data: row, etag }: Loaded<Opportunity>): Action[] {
  const { t } = useTranslation("opportunities");
  const navigate = useNavigate();
  const label = (operation: string) => t(`actions.${operation}` as never) as string;
  return [
    {
      operation: "assign_opportunity",
      label: label("assign_opportunity"),
      primary: row.status === "unassigned",
    },
    { operation: "progress_opportunity", label: label("progress_opportunity"), icon: <EditOutlined /> },
    { operation: "win_opportunity", label: label("win_opportunity") },
    { operation: "lose_opportunity", label: label("lose_opportunity"), danger: true },
    { operation: "update_opportunity", label: t("edit"), rare: row.status !== "unassigned" },
    {
      operation: "copy_opportunity",
      label: label("copy_opportunity"),
      rare: true,
      direct: { done: (copy) => navigate({ to: `/opportunities/${copy.id}`, search: {} }) },
    },
    { operation: "void_opportunity", label: label("void_opportunity"), danger: true, rare: true },
    {
      operation: "delete_opportunity",
      label: label("delete_opportunity"),
      danger: true,
      rare: true,
      direct: { question: t("deleteSure"), etag, done: () => navigate({ to: "/opportunities", search: {} }) },
    },
  ];
}

/** What is to be done now: the plan item that is due first, or what is missing. */
function NextStep({ row }: { row: Opportunity }) {
  const { t } = useTranslation("opportunities");
  const { change } = useAddress();
  const next = usePlan(row.id).find((item) => item.state === "pending");
  if (row.status === "unassigned" && row.actions.includes("assign_opportunity"))
    return (
      <div className="k-next">
        <b>{t("next.title")}</b> {t("next.assign")}
      </div>
    );
  if (row.status !== "developing") return null;
  return (
    <div className="k-next">
      <b>{t("next.title")}</b>
      {next ? (
        <>
          <Due day={next.date} />
          <span className="k-space">{next.content}</span>
        </>
      ) : (
        <>
          <span className="k-space">{t("next.plan")}</span>
          <Button size="small" onClick={() => change({ tab: undefined })}>
            {t("tabs.plan")}
          </Button>
        </>
      )}
    </div>
  );
}

function Outcome({ row }: { row: Opportunity }) {
  const { t } = useTranslation("opportunities");
  return (
    <section className="k-stack">
      <h2>{t("outcome")}</h2>
      <Facts
        schema={schemaOf("marketing", "Opportunity")}
        row={row}
        facts={["amount", "closed_at", "close_reason_code", "close_reason", "competitor"]}
      />
    </section>
  );
}

/** What one must know of an opportunity while its plan is made. */
function Side({ row }: { row: Opportunity }) {
  const { t } = useTranslation("opportunities");
  const schema = schemaOf("marketing", "Opportunity");
  const may = useMay();
  const customer =
    row.customer_id && may("customer:read") ? (
      <Link to={`/customers/${row.customer_id}`}>{row.customer_name}</Link>
    ) : (
      row.customer_name
    );
  return (
    <>
      {(row.status === "won" || row.status === "lost") && <Outcome row={row} />}
      <section className="k-stack">
        <h2>{text(schema.fields.description?.label)}</h2>
        <p className="k-text">{row.description}</p>
      </section>
      <section className="k-stack">
        <h2>{t("facts")}</h2>
        <Facts
          schema={schema}
          row={row}
          facts={[
            { name: "customer_name", render: customer },
            "expected_amount",
            { name: "success_rate", render: `${row.success_rate}%` },
            "expected_close_date",
            { name: "assignee_id", render: <Person name={row.assignee_name} /> },
            "assigned_at",
            "source",
            "contact_name",
            {
              name: "contact_phone",
              render: row.contact_phone ? (
                <a href={`tel:${row.contact_phone}`}>{row.contact_phone}</a>
              ) : undefined,
            },
            "region",
            "industry",
            "products",
            "registration_no",
            "created_by",
            "created_at",
          ]}
        />
      </section>
    </>
  );
}
