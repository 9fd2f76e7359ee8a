import { useQueries } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Grid, Select, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { codeText, operationOf, schemaOf } from "../../api/contract.ts";
import { queryKey, useAct } from "../../api/queries.ts";
import { type Lane, Board as Lanes } from "../../ui/Board.tsx";
import { useFault, useSaved } from "../../ui/feedback.ts";
import { Filters } from "../../ui/list/Filters.tsx";
import { type ListState, listQuery, useAddress } from "../../ui/list/state.ts";
import { Person } from "../../ui/Person.tsx";
import { Dot, Moment } from "../../ui/Values.tsx";
import { AssignForm } from "./Assign.tsx";
import type { ServiceRequest } from "./api.ts";
import { EndForms } from "./Form.tsx";
import { StepForms } from "./Handling.tsx";
import { presentRound, STEPS, stepTo } from "./rules.ts";

/** The lanes in their order, each with its order: what waits longest is on top. */
const LANES = {
  created: "created_at",
  assigned: "created_at",
  handled: "created_at",
  archived: "-archived_at",
} as const;
type LaneKey = keyof typeof LANES;
const KEYS = Object.keys(LANES) as LaneKey[];

/** The requests by state. Moving a card opens the form of the step that leads there. */
export default function Board({ filters }: { filters: string[] }) {
  const { t } = useTranslation("requests");
  const { search, change } = useAddress();
  const navigate = useNavigate();
  const act = useAct("service-desk");
  const saved = useSaved();
  const fault = useFault();
  const phone = !Grid.useBreakpoint().md;
  const [chosen, setChosen] = useState<LaneKey>("created");
  const [acting, setActing] = useState<ServiceRequest>();
  const operation = operationOf("service-desk", "list_requests");
  const schema = schemaOf("service-desk", "Request");
  const { status: _status, sort: _sort, ...query } = listQuery(search, operation);
  const { lanes, pending } = useLanes(query);
  const shown = phone ? lanes.filter((lane) => lane.key === chosen) : lanes;

  const take = (row: ServiceRequest) =>
    act
      .mutateAsync({ operation: "take_request", path: { request_id: row.id } })
      .then(() => saved(row.number), fault);
  const step = (row: ServiceRequest, id: string) => {
    if (id === "take_request") return take(row);
    setActing(row);
    return change({ form: id });
  };
  return (
    <>
      <Filters
        operation={operation}
        schema={schema}
        filters={filters}
        query={query}
        options={{}}
        placeholder={t("search")}
      />
      {pending && <Skeleton className="k-body" paragraph={{ rows: 8 }} />}
      {phone && (
        <div className="k-filters">
          <Select
            style={{ width: "100%" }}
            aria-label={t("lane")}
            value={chosen}
            options={lanes.map((lane) => ({ value: lane.key, label: `${lane.label} ${lane.count}` }))}
            onChange={setChosen}
          />
        </div>
      )}
      {!pending && (
        <Lanes<ServiceRequest>
          lanes={shown}
          places={[]}
          zones={STEPS.map((id) => ({ key: id, label: t(`actions.${id}`) }))}
          name={(row) => row.summary}
          movable={(row) => KEYS.some((key) => stepTo(key, row.actions))}
          zoneAllowed={(row, id) => row.actions.includes(id)}
          card={(row) => <Card row={row} />}
          onOpen={(row) => navigate({ to: `/requests/${row.id}`, search: {} })}
          onMove={(row, { lane }) => {
            const id = lane === row.status ? undefined : stepTo(lane, row.actions);
            if (id) step(row, id);
          }}
          onZone={step}
          onMore={(status) =>
            navigate({ to: "/requests", search: { ...query, show: "list", status } as never })
          }
        />
      )}
      {acting && (
        <>
          <AssignForm row={acting} />
          <StepForms row={acting} />
          <EndForms row={acting} />
        </>
      )}
    </>
  );
}

/** The newest state of each lane; four lists at once. */
function useLanes(query: ListState): {
  lanes: (Lane<ServiceRequest> & { key: LaneKey })[];
  pending: boolean;
} {
  const results = useQueries({
    queries: KEYS.map((status) => {
      const of = { ...query, status: [status], sort: LANES[status], limit: 30 };
      return {
        queryKey: queryKey("service-desk", "list_requests", {}, of),
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          call("service-desk", "list_requests", { query: of as never, signal }),
      };
    }),
  });
  const field = schemaOf("service-desk", "Request").fields.status;
  const lanes = KEYS.map((key, index) => {
    const page = results[index]?.data?.data;
    return {
      key,
      label: codeText(field, key),
      count: page?.total ?? 0,
      rows: page?.items ?? [],
      more: Boolean(page?.next_cursor),
    };
  });
  return { lanes, pending: results.some((result) => result.isPending) };
}

function Card({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const field = schemaOf("service-desk", "Request").fields.type;
  const round = presentRound(row);
  return (
    <>
      <div className="k-small k-muted k-ellipsis">{row.customer_name}</div>
      <div className="k-small k-muted">
        {codeText(field, row.type)}
        <Dot />
        {row.number}
      </div>
      <div className="k-row k-small">
        <Moment value={row.created_at} />
        {round > 1 && row.status !== "archived" && (
          <span className="k-soon">{t("round", { number: round })}</span>
        )}
        <span className="k-space" />
        {row.assignee_name && <Person name={row.assignee_name} />}
      </div>
    </>
  );
}
