import { Link } from "@tanstack/react-router";
import { Skeleton, Tabs } from "antd";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { codeText, operationOf, schemaOf } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { Filters } from "../../ui/list/Filters.tsx";
import { Foot } from "../../ui/list/Foot.tsx";
import { useRows } from "../../ui/list/rows.ts";
import { listQuery, useAddress } from "../../ui/list/state.ts";
import type { View } from "../../ui/list/views.ts";
import { Actions } from "../../ui/record/Actions.tsx";
import { RecordState } from "../../ui/record/RecordPage.tsx";
import { Dot, Moment } from "../../ui/Values.tsx";
import { useMoreActions } from "./actions.tsx";
import type { ServiceRequest } from "./api.ts";
import { RequestForms } from "./Form.tsx";
import { NextStep } from "./Progress.tsx";
import { Rounds } from "./Rounds.tsx";
import { Side } from "./Side.tsx";
import { State } from "./State.tsx";

/** The queue, and beside it the request that one works on; it stays there when it leaves the queue. */
export function Desk({ views, filters }: { views: View[]; filters: string[] }) {
  const { t } = useTranslation("requests");
  const { search, set, change } = useAddress();
  const operation = operationOf("service-desk", "list_requests");
  const given = listQuery(search, operation);
  const untouched = Object.keys(given).length === 0 && !search.view;
  const active = untouched ? views[0] : views.find((view) => view.key === search.view);
  const query = untouched ? (views[0]?.state ?? {}) : given;
  const list = useRows("service-desk", "list_requests", {}, query);
  const rows = list.rows as ServiceRequest[];
  const open = search.open ?? rows[0]?.id;
  return (
    <div className="k-desk">
      <div className="k-desk-queue">
        <Tabs
          size="small"
          activeKey={active?.key ?? ""}
          onChange={(key) =>
            set({ ...views.find((view) => view.key === key)?.state, view: key, show: search.show })
          }
          items={views.map((view) => ({
            key: view.key,
            label: (
              <>
                {view.label}
                {view.count !== undefined && <span className="k-small k-muted"> {view.count}</span>}
              </>
            ),
          }))}
        />
        <Filters
          operation={operation}
          schema={schemaOf("service-desk", "Request")}
          // What the view sets is said by its tab.
          filters={filters.filter((name) => !query[name] || query[name] !== active?.state[name])}
          query={query}
          options={{}}
          placeholder={t("search")}
        />
        {list.isPending && <Skeleton className="k-body" title={false} paragraph={{ rows: 10 }} />}
        {list.isSuccess && rows.length === 0 && <p className="k-empty">{t("common:list.noneWithFilters")}</p>}
        <ul className="k-scroll" aria-label={t("show.desk")}>
          {rows.map((row) => (
            <QueueEntry
              key={row.id}
              row={row}
              chosen={row.id === open}
              onOpen={() => change({ open: row.id, form: undefined })}
            />
          ))}
        </ul>
        {rows.length > 0 && (
          <Foot
            shown={rows.length}
            total={list.total}
            capped={list.capped}
            more={list.hasNextPage}
            loading={list.isFetchingNextPage}
            onMore={() => list.fetchNextPage()}
          />
        )}
      </div>
      {open && <Open key={open} id={open} />}
    </div>
  );
}

function QueueEntry({ row, chosen, onOpen }: { row: ServiceRequest; chosen: boolean; onOpen: () => void }) {
  const field = schemaOf("service-desk", "Request").fields.type;
  return (
    <li>
      <button type="button" className="k-queue-entry" aria-current={chosen || undefined} onClick={onOpen}>
        <span className="k-row k-small k-muted">
          <span>{codeText(field, row.type)}</span>
          <span>{row.number}</span>
          <span className="k-space" />
          <Moment value={row.created_at} />
        </span>
        <b className="k-ellipsis">{row.summary}</b>
        <span className="k-row k-small">
          <span className="k-ellipsis k-muted k-space">{row.customer_name}</span>
          <State row={row} />
        </span>
      </button>
    </li>
  );
}

function Open({ id }: { id: string }) {
  const reading = useLoaded("service-desk", "get_request", { path: { request_id: id } });
  if (!reading.data)
    return (
      <div className="k-scroll">
        <RecordState reading={reading} />
      </div>
    );
  return <OpenRecord loaded={reading.data as Loaded<ServiceRequest>} />;
}

function OpenRecord({ loaded }: { loaded: Loaded<ServiceRequest> }) {
  const row = loaded.data;
  const field = schemaOf("service-desk", "Request").fields.type;
  return (
    <article className="k-scroll" aria-label={row.summary} data-request={row.number}>
      <div className="k-columns">
        <div className="k-main">
          <div className="k-row k-muted" style={{ fontSize: 13 }}>
            <span>
              {codeText(field, row.type)}
              <Dot />
              <Link to={`/requests/${row.id}`} search={{}}>
                {row.number}
              </Link>
            </span>
            <span className="k-space" />
            <Actions
              service="service-desk"
              path={{ request_id: row.id }}
              allowed={row.actions}
              actions={useMoreActions(row)}
            />
          </div>
          <div className="k-wrap" style={{ marginBlock: 4 }}>
            <h2>{row.summary}</h2>
            <State row={row} tag />
          </div>
          <div className="k-desk-step">
            <NextStep row={row} />
          </div>
          <Rounds row={row} />
        </div>
        <aside className="k-aside k-stack">
          <Side row={row} />
        </aside>
      </div>
      <RequestForms loaded={loaded} />
    </article>
  );
}
