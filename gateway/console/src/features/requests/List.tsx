import {
  AppstoreOutlined,
  BarsOutlined,
  LayoutOutlined,
  PlusOutlined,
  UserAddOutlined,
} from "@ant-design/icons";
import { Button, Grid, Segmented } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { useMay, useMe } from "../../api/me.ts";
import { newKey } from "../../lib/keys.ts";
import { recall, remember } from "../../lib/storage.ts";
import type { BulkAction } from "../../ui/list/Bulk.tsx";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import type { View } from "../../ui/list/views.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { HandlerSelect } from "./Assign.tsx";
import { OPEN, type ServiceRequest, useCounts } from "./api.ts";
import { Desk } from "./Desk.tsx";
import { CreateForm } from "./Form.tsx";
import { State } from "./State.tsx";

const FILTERS = [
  "status",
  "type",
  "priority",
  "customer_id",
  "assignee_id",
  "created_by",
  "satisfaction",
  "close_reason",
  "created_at",
  "handled_at",
  "archived_at",
];

const BOARD_FILTERS = FILTERS.filter(
  (name) => !["status", "satisfaction", "close_reason", "archived_at"].includes(name),
);

/** Cards and their dragging are loaded by those who look at them. */
const Board = lazy(() => import("./Board.tsx"));

type Show = "desk" | "list" | "board";

/** Whether there is no room for a queue beside a record; known at once, so that nothing else is read first. */
function useNarrow(): boolean {
  return !(Grid.useBreakpoint().lg ?? matchMedia("(min-width: 992px)").matches);
}

/** Desk, list or board: as the address says, else as this person last chose. */
function useShow(): [Show, (show: Show) => void] {
  const { search, change } = useAddress();
  const narrow = useNarrow();
  const wanted = (search.show as Show | undefined) ?? recall<Show>("requests.show", "desk");
  const choose = (show: Show) => {
    remember("requests.show", show);
    change({ show, open: undefined });
  };
  return [narrow && wanted === "desk" ? "list" : wanted, choose];
}

export default function List() {
  const { t } = useTranslation("requests");
  const { search, change } = useAddress();
  const may = useMay();
  const narrow = useNarrow();
  const [show, choose] = useShow();
  const views = useViews();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        <Segmented<Show>
          aria-label={t("show.label")}
          value={show}
          options={[
            ...(narrow ? [] : [{ value: "desk" as const, label: t("show.desk"), icon: <LayoutOutlined /> }]),
            { value: "list", label: t("show.list"), icon: <BarsOutlined /> },
            { value: "board", label: t("show.board"), icon: <AppstoreOutlined /> },
          ]}
          onChange={choose}
        />
        <Export service="service-desk" operation="export_requests" query={search} />
        {may("service-request:create") && (
          <Button
            type={show === "desk" ? "default" : "primary"}
            icon={<PlusOutlined />}
            onClick={() => change({ form: "create_request" })}
          >
            {t("create")}
          </Button>
        )}
      </header>
      {show === "desk" && <Desk views={views} filters={FILTERS} />}
      {show === "list" && <Rows views={views} />}
      <Suspense>{show === "board" && <Board filters={BOARD_FILTERS} />}</Suspense>
      <CreateForm />
    </div>
  );
}

/** The requests as rows. */
function Rows({ views }: { views: View[] }) {
  const { t } = useTranslation("requests");
  return (
    <DataList
      name="requests"
      service="service-desk"
      operation="list_requests"
      label={t("title")}
      columns={useColumns()}
      filters={FILTERS}
      views={views}
      search={t("search")}
      to={(row) => `/requests/${row.id}`}
      bulk={useBulk()}
    />
  );
}

function useColumns(): Column<ServiceRequest>[] {
  return [
    { key: "number", width: 152 },
    { key: "summary", width: 240, strong: true },
    { key: "type", width: 88 },
    { key: "customer_name", width: 200 },
    { key: "status", width: 192, render: (row) => <State row={row} /> },
    { key: "priority", width: 80 },
    { key: "assignee_name", width: 128 },
    { key: "created_at" },
    { key: "handled_at" },
    { key: "satisfaction", width: 88 },
    { key: "created_by_name", width: 128, optional: true },
    { key: "contact", optional: true },
    { key: "archived_at", optional: true },
    { key: "close_reason", optional: true },
    { key: "rounds", optional: true },
  ];
}

const ARCHIVE = [
  "number",
  "summary",
  "type",
  "customer_name",
  "satisfaction",
  "close_reason",
  "assignee_name",
  "created_at",
  "archived_at",
];

function useViews(): View[] {
  const { t } = useTranslation("requests");
  const me = useMe();
  const all = useCounts();
  const mine = useCounts(me.id);
  return [
    {
      key: "open",
      label: t("views.open"),
      state: { status: "created,assigned" },
      count: all("created", "assigned"),
    },
    {
      key: "mine",
      label: t("views.mine"),
      state: { status: OPEN.join(","), assignee_id: me.id },
      count: mine(...OPEN),
    },
    { key: "feedback", label: t("views.feedback"), state: { status: "handled" }, count: all("handled") },
    {
      key: "archive",
      label: t("views.archive"),
      state: { status: "archived", sort: "-archived_at" },
      columns: ARCHIVE,
    },
    { key: "all", label: t("views.all"), state: { sort: "-created_at" } },
  ];
}

function useBulk(): BulkAction[] | undefined {
  const { t } = useTranslation("requests");
  const may = useMay();
  const name = (row: Record<string, string>) => `${row.number} ${row.summary}`;
  const bulk: BulkAction[] = [];
  if (may("service-request:assign"))
    bulk.push({
      key: "assign",
      label: t("actions.assign_request"),
      icon: <UserAddOutlined />,
      allowed: (row) => row.actions.includes("assign_request"),
      name,
      ask: (set) => <HandlerSelect onChange={set} />,
      run: (row, assignee_id) =>
        call("service-desk", "assign_request", {
          path: { request_id: row.id },
          body: { assignee_id },
          key: newKey(),
        }),
    });
  if (may("service-request:take"))
    bulk.push({
      key: "take",
      label: t("actions.take_request"),
      allowed: (row) => row.actions.includes("take_request"),
      name,
      run: (row) => call("service-desk", "take_request", { path: { request_id: row.id }, key: newKey() }),
    });
  return bulk.length > 0 ? bulk : undefined;
}
