import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Select, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, type Schemas } from "../../api/call.ts";
import { operationOf, schemaOf } from "../../api/contract.ts";
import { queryKey, useAct } from "../../api/queries.ts";
import { language } from "../../i18n/start.ts";
import { usePhone } from "../../lib/screen.ts";
import { type Lane, Board as Lanes, type Move } from "../../ui/Board.tsx";
import { useFault, useSaved } from "../../ui/feedback.ts";
import { Filters } from "../../ui/list/Filters.tsx";
import { listQuery, useAddress } from "../../ui/list/state.ts";
import { Person } from "../../ui/Person.tsx";
import { Day, Money } from "../../ui/Values.tsx";
import type { Opportunity } from "./api.ts";
import { CloseForms } from "./Form.tsx";

type Stage = Schemas["marketing"]["BoardStage"];

/** The opportunities that are being developed, by stage; cards move by mouse, keyboard or menu. */
export default function Board({ filters }: { filters: string[] }) {
  const { t } = useTranslation("opportunities");
  const { search, change } = useAddress();
  const operation = operationOf("marketing", "show_opportunity_board");
  const query = listQuery(search, operation);
  const client = useQueryClient();
  const navigate = useNavigate();
  const act = useAct("marketing");
  const fault = useFault();
  const saved = useSaved();
  const phone = usePhone();
  const [chosen, setChosen] = useState<string>();
  const [closing, setClosing] = useState<Opportunity>();
  const key = queryKey("marketing", "show_opportunity_board", {}, query);
  const { data, isPending } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call("marketing", "show_opportunity_board", { query: query as never, signal }),
  });
  const stages = (data?.data.items ?? []) as Stage[];
  const shown = phone ? stages.filter((stage) => stage.stage === (chosen ?? stages[0]?.stage)) : stages;

  async function move(row: Opportunity, { lane, above }: Move) {
    const before = client.getQueryData(key);
    client.setQueryData(key, { ...data, data: { items: moved(stages, row, lane, above) } });
    try {
      const body = { stage: lane, ...(above ? { above_id: above } : {}) };
      await act.mutateAsync({ operation: "move_opportunity", path: { opportunity_id: row.id }, body });
      saved();
    } catch (problem) {
      client.setQueryData(key, before);
      fault(problem);
    }
  }
  const close = (row: Opportunity, form: string) => {
    setClosing(row);
    change({ form });
  };
  const zones = [
    { key: "win_opportunity", label: t("actions.win_opportunity") },
    { key: "lose_opportunity", label: t("actions.lose_opportunity") },
  ];
  const name = (stage: Stage) => (language() === "zh" ? stage.label_zh : stage.label_en);
  return (
    <>
      <Filters
        operation={operation}
        schema={schemaOf("marketing", "Opportunity")}
        filters={filters}
        query={query}
        options={{}}
        placeholder={t("search")}
      />
      {isPending && <Skeleton className="k-body" paragraph={{ rows: 8 }} />}
      {phone && (
        <div className="k-filters">
          <Select
            style={{ width: "100%" }}
            aria-label={t("lane")}
            value={chosen ?? stages[0]?.stage}
            options={stages.map((stage) => ({ value: stage.stage, label: `${name(stage)} ${stage.count}` }))}
            onChange={setChosen}
          />
        </div>
      )}
      <Lanes<Opportunity>
        lanes={shown.map((stage) => lane(stage, name(stage)))}
        places={stages.map((stage) => ({ key: stage.stage, label: name(stage) }))}
        zones={zones}
        name={(row) => row.customer_name}
        movable={(row) => row.actions.includes("move_opportunity")}
        zoneAllowed={(row, zone) => row.actions.includes(zone)}
        card={(row) => <Card row={row} />}
        onOpen={(row) => navigate({ to: `/opportunities/${row.id}` })}
        onMove={move}
        onZone={close}
        onMore={(stage) =>
          navigate({
            to: "/opportunities",
            search: { ...query, stage, status: "developing", sort: "-kanban_rank" } as never,
          })
        }
      />
      {closing && <CloseForms row={closing} />}
    </>
  );
}

function lane(stage: Stage, label: string): Lane<Opportunity> {
  return {
    key: stage.stage,
    label,
    count: stage.count,
    rows: stage.opportunities as Opportunity[],
    more: stage.next_cursor !== null,
    foot: stage.amounts.map(({ currency, amount }) => (
      <span key={currency} className="k-small k-muted">
        <Money amount={amount} currency={currency} whole />
      </span>
    )),
  };
}

/** The lanes after a move, before the server has answered. */
export function moved(stages: Stage[], row: Opportunity, to: string, above: string | undefined): Stage[] {
  return stages.map((stage) => {
    const others = (stage.opportunities as Opportunity[]).filter((one) => one.id !== row.id);
    const left = others.length < stage.opportunities.length ? 1 : 0;
    if (stage.stage !== to) return { ...stage, count: stage.count - left, opportunities: others };
    const at = above ? others.findIndex((one) => one.id === above) + 1 : 0;
    const rows = [...others.slice(0, at), { ...row, stage: to }, ...others.slice(at)];
    return { ...stage, count: stage.count - left + 1, opportunities: rows };
  });
}

function Card({ row }: { row: Opportunity }) {
  return (
    <>
      <div className="k-small k-muted k-ellipsis">{row.summary}</div>
      <div className="k-row" style={{ fontSize: 13 }}>
        <Money amount={row.expected_amount} currency={row.currency} whole />
        <span className="k-muted">{row.success_rate}%</span>
      </div>
      <div className="k-row k-small">
        {row.expected_close_date && <Day value={row.expected_close_date} />}
        <span className="k-space" />
        <Person name={row.assignee_name} />
      </div>
    </>
  );
}
