import { AppstoreOutlined, BarsOutlined, PlusOutlined, UserAddOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useMay, useMe } from "../../api/me.ts";
import { addDays, today } from "../../lib/dates.ts";
import { newKey } from "../../lib/keys.ts";
import { PersonPicker } from "../../ui/form/pickers.tsx";
import type { BulkAction } from "../../ui/list/Bulk.tsx";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import type { View } from "../../ui/list/views.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Status } from "../../ui/Status.tsx";
import { MARKS, type Opportunity, useStages } from "./api.ts";
import { CreateForm } from "./Form.tsx";
import { StageMeter } from "./Stages.tsx";

const FILTERS = [
  "status",
  "stage",
  "assignee_id",
  "expected_close_date",
  "expected_amount",
  "success_rate",
  "source",
  "region",
  "industry",
  "created_by",
  "customer_id",
  "created_at",
  "closed_at",
];

const BOARD_FILTERS = FILTERS.filter((name) => !["status", "stage", "closed_at"].includes(name));

/** Cards and their dragging are loaded by those who look at them. */
const Board = lazy(() => import("./Board.tsx"));

export default function List() {
  const { t } = useTranslation("opportunities");
  const { search, change } = useAddress();
  const may = useMay();
  const board = search.show === "board";
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        <Segmented
          aria-label={t("show")}
          value={board ? "board" : "list"}
          options={[
            { value: "list", label: t("showList"), icon: <BarsOutlined /> },
            { value: "board", label: t("showBoard"), icon: <AppstoreOutlined /> },
          ]}
          onChange={(show) => change({ show: show === "board" ? "board" : undefined })}
        />
        <Export service="marketing" operation="export_opportunities" query={search} />
        {may("opportunity:create") && (
          <Button
            type="primary"
            icon={<PlusOutlined />}
            onClick={() => change({ form: "create_opportunity" })}
          >
            {t("create")}
          </Button>
        )}
      </header>
      <Suspense>{board ? <Board filters={BOARD_FILTERS} /> : <Rows />}</Suspense>
      <CreateForm />
    </div>
  );
}

/** The opportunities as rows. */
function Rows() {
  const { t } = useTranslation("opportunities");
  const stages = useStages();
  return (
    <DataList
      name="opportunities"
      service="marketing"
      operation="list_opportunities"
      label={t("title")}
      columns={useColumns()}
      filters={FILTERS}
      options={{ stage: stages.map(({ code, label }) => ({ value: code, label })) }}
      views={useViews()}
      search={t("search")}
      to={(row) => `/opportunities/${row.id}`}
      bulk={useBulk()}
    />
  );
}

function useColumns(): Column<Opportunity>[] {
  const { t } = useTranslation("opportunities");
  const field = schemaOf("marketing", "Opportunity").fields.status;
  return [
    { key: "number", width: 132 },
    { key: "customer_name", width: 164, strong: true },
    { key: "summary", width: 160 },
    {
      key: "status",
      width: 116,
      render: (row) => <Status mark={MARKS[row.status]}>{codeText(field, row.status)}</Status>,
    },
    { key: "stage", width: 152, render: (row) => <StageMeter code={row.stage} /> },
    { key: "success_rate", title: t("rate"), width: 92, render: (row) => `${row.success_rate}%` },
    { key: "expected_amount", width: 128 },
    { key: "expected_close_date", title: t("close"), width: 108 },
    { key: "assignee_name", width: 104 },
    { key: "source", optional: true },
    { key: "region", optional: true },
    { key: "industry", optional: true },
    { key: "contact_name", optional: true },
    { key: "created_by_name", width: 128, optional: true },
    { key: "created_at", optional: true },
    { key: "closed_at", optional: true },
  ];
}

function useViews(): View[] {
  const { t } = useTranslation("opportunities");
  const me = useMe();
  const may = useMay();
  const assigns = may("opportunity:assign");
  return [
    { key: "open", label: t("views.open"), state: { status: "unassigned,developing" } },
    ...(assigns
      ? [{ key: "unassigned", label: t("views.unassigned"), state: { status: "unassigned" } }]
      : []),
    {
      key: "soon",
      label: t("views.soon"),
      state: {
        status: "developing",
        expected_close_date_to: addDays(today(), 14),
        sort: "expected_close_date",
      },
    },
    { key: "mine", label: t("views.mine"), state: { assignee_id: me.id } },
    { key: "won", label: t("views.won"), state: { status: "won", sort: "-closed_at" } },
    { key: "all", label: t("views.all"), state: { sort: "-created_at" } },
  ];
}

function useBulk(): BulkAction[] | undefined {
  const { t } = useTranslation("opportunities");
  const may = useMay();
  if (!may("opportunity:assign")) return undefined;
  return [
    {
      key: "assign",
      label: t("actions.assign_opportunity"),
      icon: <UserAddOutlined />,
      allowed: (row) => row.actions.includes("assign_opportunity"),
      name: (row) => `${row.number} ${row.customer_name}`,
      ask: (set) => <BulkAssignee onChange={set} />,
      run: (row, assignee_id) =>
        call("marketing", "assign_opportunity", {
          path: { opportunity_id: row.id },
          body: { assignee_id },
          key: newKey(),
        }),
    },
  ];
}

function BulkAssignee({ onChange }: { onChange: (id: string) => void }) {
  const { t } = useTranslation("opportunities");
  return (
    <PersonPicker aria-label={t("assign.choose")} placeholder={t("assign.choose")} onChange={onChange} />
  );
}
