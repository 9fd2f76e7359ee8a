import { PlusOutlined, UndoOutlined, UserSwitchOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useMay, useMe } from "../../api/me.ts";
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
import { Nothing } from "../../ui/Values.tsx";
import { type CustomerItem, MANAGERS, MARKS } from "./api.ts";
import { CreateForm } from "./Form.tsx";
import { useRestore } from "./remove.ts";

const FILTERS = [
  "status",
  "level",
  "manager_id",
  "region",
  "industry",
  "is_prospect",
  "satisfaction",
  "credit",
  "source",
  "type",
  "created_at",
];

export default function List() {
  const { t } = useTranslation("customers");
  const { search, change } = useAddress();
  const may = useMay();
  const scores = [1, 2, 3, 4, 5].map((score) => ({ value: `${score}`, label: `${score}` }));
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        <Export service="customer" operation="export_customers" query={search} />
        {may("customer:create") && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => change({ form: "create_customer" })}>
            {t("create")}
          </Button>
        )}
      </header>
      <DataList
        name="customers"
        service="customer"
        operation="list_customers"
        label={t("title")}
        columns={useColumns(search.deleted === "true")}
        filters={FILTERS}
        options={{
          satisfaction: scores,
          credit: scores,
          is_prospect: [
            { value: "true", label: t("common:yes") },
            { value: "false", label: t("common:no") },
          ],
        }}
        views={useViews()}
        search={t("search")}
        to={(row) => (row.deleted_at ? undefined : `/customers/${row.id}`)}
        bulk={useBulk()}
      />
      <CreateForm />
    </div>
  );
}

function useColumns(deleted: boolean): Column<CustomerItem>[] {
  const { t } = useTranslation("customers");
  const { fields } = schemaOf("customer", "CustomerItem");
  return [
    { key: "name", width: 208, strong: true },
    { key: "number", width: 144 },
    { key: "level", width: 132 },
    { key: "region", width: 96 },
    { key: "industry", width: 104 },
    { key: "manager_id", width: 128 },
    {
      key: "status",
      width: 96,
      render: (row) => <Status mark={MARKS[row.status]}>{codeText(fields.status, row.status)}</Status>,
    },
    ...(deleted
      ? [
          { key: "deleted_at" },
          {
            key: "actions",
            title: t("restore.column"),
            render: (row: CustomerItem) => <Restore row={row} />,
          },
        ]
      : [
          { key: "last_ordered_on", width: 120 },
          {
            key: "warning_state",
            width: 112,
            render: (row: CustomerItem) =>
              row.warning_state ? (
                <Status mark={row.warning_state === "open" ? "warning" : "paused"}>
                  {codeText(fields.warning_state, row.warning_state)}
                </Status>
              ) : (
                <Nothing />
              ),
          },
          { key: "primary_contact_name", width: 112, optional: true },
        ]),
    { key: "phone", optional: true },
    { key: "satisfaction", optional: true },
    { key: "credit", optional: true },
    { key: "source", optional: true },
    { key: "type", optional: true },
    { key: "is_prospect", optional: true },
    { key: "registration_no", width: 180, optional: true },
    { key: "address", width: 240, optional: true },
    { key: "sales_codes", optional: true },
    { key: "tags", optional: true },
    { key: "created_at", optional: true },
  ];
}

function useViews(): View[] {
  const { t } = useTranslation("customers");
  const me = useMe();
  const may = useMay();
  const view = (key: string, state: View["state"], permission?: string): View[] =>
    may(permission) ? [{ key, label: t(`views.${key}` as never) as string, state }] : [];
  return [
    ...view("all", { sort: "-created_at" }),
    ...view("mine", { manager_id: me.id }, "customer:update"),
    ...view("unmanaged", { without_manager: "true" }, "customer:reassign"),
    ...view("prospects", { is_prospect: "true" }),
    ...view("lost", { status: "lost" }),
    ...view("deleted", { deleted: "true" }, "customer:delete"),
  ];
}

function useBulk(): BulkAction[] | undefined {
  const { t } = useTranslation("customers");
  const may = useMay();
  if (!may("customer:reassign")) return undefined;
  return [
    {
      key: "reassign",
      label: t("actions.reassign_customer"),
      icon: <UserSwitchOutlined />,
      allowed: (row) => row.actions.includes("reassign_customer"),
      name: (row) => `${row.number} ${row.name}`,
      ask: (set) => <BulkManager onChange={set} />,
      run: (row, manager_id) =>
        call("customer", "reassign_customer", {
          path: { customer_id: row.id },
          body: { manager_id },
          key: newKey(),
        }),
    },
  ];
}

function BulkManager({ onChange }: { onChange: (id: string) => void }) {
  const { t } = useTranslation("customers");
  return (
    <PersonPicker
      roles={MANAGERS}
      aria-label={t("chooseManager")}
      placeholder={t("chooseManager")}
      onChange={onChange}
    />
  );
}

/** A deleted customer has no page: it is restored in its row. */
function Restore({ row }: { row: CustomerItem }) {
  const { t } = useTranslation("customers");
  const restore = useRestore();
  if (!row.actions.includes("restore_customer")) return null;
  return (
    <Button size="small" icon={<UndoOutlined />} onClick={() => restore(row)}>
      {t("actions.restore_customer")}
    </Button>
  );
}
