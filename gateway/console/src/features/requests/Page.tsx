import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { Actions } from "../../ui/record/Actions.tsx";
import { Changes } from "../../ui/record/Changes.tsx";
import { RecordPage, RecordState } from "../../ui/record/RecordPage.tsx";
import { useMoreActions } from "./actions.tsx";
import { type ServiceRequest, useRounds } from "./api.ts";
import { RequestForms } from "./Form.tsx";
import { NextStep, Progress } from "./Progress.tsx";
import { Rounds } from "./Rounds.tsx";
import { Side } from "./Side.tsx";
import { State } from "./State.tsx";

export default function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const reading = useLoaded("service-desk", "get_request", { path: { request_id: id } });
  // Both at once: the page needs them.
  useRounds(id);
  if (!reading.data) return <RecordState reading={reading} />;
  return <Record loaded={reading.data as Loaded<ServiceRequest>} />;
}

function Record({ loaded }: { loaded: Loaded<ServiceRequest> }) {
  const { t } = useTranslation("requests");
  const row = loaded.data;
  const path = { request_id: row.id };
  const schema = schemaOf("service-desk", "Request");
  return (
    <>
      <RecordPage
        list={{ path: "/requests", label: t("title") }}
        number={row.number}
        name={row.summary}
        status={<State row={row} tag />}
        context={codeText(schema.fields.type, row.type)}
        actions={
          <Actions service="service-desk" path={path} allowed={row.actions} actions={useMoreActions(row)} />
        }
        lead={
          <>
            <Progress row={row} />
            <NextStep row={row} />
          </>
        }
        tabs={[
          { key: "rounds", label: t("tabs.rounds"), content: <Rounds row={row} /> },
          {
            key: "history",
            label: t("tabs.history"),
            content: (
              <Changes service="service-desk" operation="list_request_changes" path={path} schema={schema} />
            ),
          },
        ]}
        aside={<Side row={row} />}
      />
      <RequestForms loaded={loaded} />
    </>
  );
}
