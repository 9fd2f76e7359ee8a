import { Link, useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { useDirect } from "../../ui/record/Actions.tsx";
import { Dot, Moment } from "../../ui/Values.tsx";
import { ListPanel, ROWS } from "./Panels.tsx";

type Request = Schemas["service-desk"]["Request"];

/** What a request waits for, by the operation that does it: the first one allowed is offered. */
const STEPS = ["take_request", "assign_request", "handle_request", "give_request_feedback"];

/** Requests that are not finished. */
export const OPEN = { status: "created,assigned,handled" };
const QUERY = { ...OPEN, sort: "created_at" };

/** The answer that the panel below shows. */
export function useOpenRequests() {
  return useLoaded("service-desk", "list_requests", { query: { limit: ROWS, ...QUERY } } as never);
}

/** Service requests that are not finished, the longest waiting first. */
export function RequestsPanel() {
  const { t } = useTranslation("workbench");
  return (
    <ListPanel<Request>
      title={t("requests.title")}
      service="service-desk"
      operation="list_requests"
      query={QUERY}
      all={{ path: "/requests", search: OPEN }}
      empty={t("requests.none")}
      row={(request) => <RequestRow request={request} />}
    />
  );
}

function RequestRow({ request }: { request: Request }) {
  const { t } = useTranslation("workbench");
  const navigate = useNavigate();
  const run = useDirect("service-desk", { request_id: request.id });
  const schema = schemaOf("service-desk", "Request");
  const step = STEPS.find((operation) => request.actions.includes(operation));
  const label = step ? t(`requests.${step}` as never) : "";
  const go = () =>
    step === "take_request"
      ? run({ operation: step, label, direct: {} })
      : navigate({ to: `/requests/${request.id}`, search: { form: step } as never });
  return (
    <div className="k-item">
      <div className="k-due">
        <b>{codeText(schema.fields.type, request.type)}</b>
        <Moment value={request.created_at} />
      </div>
      <div className="k-space">
        <Link className="k-ellipsis" style={{ display: "block" }} to={`/requests/${request.id}`}>
          {request.summary}
        </Link>
        <div className="k-small k-muted k-ellipsis">
          {request.number}
          <Dot />
          {request.customer_name}
          <Dot />
          {codeText(schema.fields.status, request.status)}
        </div>
      </div>
      {step && (
        <Button size="small" onClick={go}>
          {label}
        </Button>
      )}
    </div>
  );
}
