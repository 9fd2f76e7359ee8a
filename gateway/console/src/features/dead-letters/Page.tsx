import { DeleteOutlined, RedoOutlined } from "@ant-design/icons";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { codeText, type Service, schemaOf } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { type Action, Actions } from "../../ui/record/Actions.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { RecordPage, RecordState } from "../../ui/record/RecordPage.tsx";
import { Status } from "../../ui/Status.tsx";
import { type DeadLetterDetail, MARKS } from "./api.ts";

export default function Page() {
  const { t } = useTranslation("dead-letters");
  const { service, id } = useParams({ strict: false }) as { service: Service; id: string };
  const path = { dead_letter_id: id };
  const reading = useLoaded(service as "auth", "get_dead_letter", { path });
  const actions = useActions(service);
  if (!reading.data) return <RecordState reading={reading} />;
  const row = reading.data.data as DeadLetterDetail;
  const schema = schemaOf(service, "DeadLetterDetail");
  return (
    <RecordPage
      list={{ path: "/dead-letters", label: t("title") }}
      number={t(`common:services.${service}`)}
      name={row.type || t("noType")}
      status={
        <Status tag mark={MARKS[row.state]}>
          {codeText(schema.fields.state, row.state)}
        </Status>
      }
      actions={<Actions service={service} path={path} allowed={row.actions} actions={actions} />}
      tabs={[{ key: "overview", label: "", content: <Content row={row} /> }]}
      aside={
        <Facts
          schema={schema}
          row={row}
          facts={[
            "handler",
            "attempts",
            "next_attempt_at",
            { name: "code", render: row.code ?? undefined },
            "source",
            "publisher",
            "route",
            "event_id",
            "created_at",
            "updated_at",
          ]}
        />
      }
    />
  );
}

function useActions(service: Service): Action[] {
  const { t } = useTranslation("dead-letters");
  const navigate = useNavigate();
  // An event that was processed, or discarded, has no page any more.
  const leave = () => navigate({ to: "/dead-letters", search: { tab: service } as never });
  return [
    {
      operation: "replay_dead_letter",
      label: t("actions.replay_dead_letter"),
      icon: <RedoOutlined />,
      primary: true,
      direct: { done: leave },
    },
    {
      operation: "discard_dead_letter",
      label: t("actions.discard_dead_letter"),
      icon: <DeleteOutlined />,
      danger: true,
      direct: { question: t("discardSure"), done: leave },
    },
  ];
}

/** Why it failed, and what the event says. */
function Content({ row }: { row: DeadLetterDetail }) {
  const { t } = useTranslation("dead-letters");
  return (
    <div className="k-stack">
      <section className="k-stack" style={{ gap: 8 }}>
        <h2>{t("why")}</h2>
        {row.explanation && <p>{row.explanation}</p>}
        <pre className="k-sunk k-text k-code">{row.reason}</pre>
      </section>
      <section className="k-stack" style={{ gap: 8 }}>
        <h2>{t("body")}</h2>
        <pre className="k-sunk k-text k-code">{bodyText(row.body)}</pre>
      </section>
    </div>
  );
}

function bodyText(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body, null, 2);
}
