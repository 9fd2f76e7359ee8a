import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { useMay } from "../../api/me.ts";
import { newKey } from "../../lib/keys.ts";
import type { BulkAction } from "../../ui/list/Bulk.tsx";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import type { View } from "../../ui/list/views.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Status } from "../../ui/Status.tsx";
import { Nothing } from "../../ui/Values.tsx";
import { useDepartmentName, useDepartmentOptions } from "../departments/api.ts";
import { roleNames, roleOptions, type User } from "./api.ts";
import { CreateForm } from "./Form.tsx";

export default function List() {
  const { t } = useTranslation("users");
  const { search, change } = useAddress();
  const may = useMay();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        <Export service="auth" operation="export_users" query={search} />
        {may("user:create") && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => change({ form: "create_user" })}>
            {t("create")}
          </Button>
        )}
      </header>
      <DataList
        name="users"
        service="auth"
        operation="list_users"
        label={t("title")}
        columns={useColumns()}
        filters={["role", "department_id", "enabled", "created_at"]}
        options={{
          role: roleOptions(),
          department_id: useDepartmentOptions(),
          enabled: [
            { value: "true", label: t("common:yes") },
            { value: "false", label: t("common:no") },
          ],
        }}
        views={useViews()}
        search={t("search")}
        to={(row) => `/users/${row.id}`}
        bulk={useBulk()}
      />
      <CreateForm />
    </div>
  );
}

function useColumns(): Column<User>[] {
  const { t } = useTranslation("users");
  return [
    { key: "username", width: 150 },
    { key: "display_name", width: 130, strong: true },
    { key: "roles", width: 180, render: (row) => roleNames(row.roles) },
    {
      key: "department_id",
      width: 180,
      render: (row) => <InDepartment id={row.department_id} />,
    },
    {
      key: "enabled",
      title: t("state"),
      width: 96,
      render: (row) => <EnabledState row={row} />,
    },
    { key: "email", width: 200 },
    { key: "created_at" },
    { key: "phone", optional: true },
    { key: "locale", optional: true, width: 96 },
    { key: "must_change_password", optional: true, width: 120 },
    { key: "regions", optional: true },
    { key: "industries", optional: true },
    { key: "created_by_name", optional: true },
    { key: "updated_at", optional: true },
  ];
}

/** A component of its own, as the departments may come after the users. */
function InDepartment({ id }: { id: string | null }) {
  return useDepartmentName()(id) ?? <Nothing />;
}

export function EnabledState({ row, tag = false }: { row: User; tag?: boolean }) {
  const { t } = useTranslation("users");
  return (
    <Status tag={tag} mark={row.enabled ? "done" : "ended"}>
      {t(row.enabled ? "enabled" : "disabled")}
    </Status>
  );
}

function useViews(): View[] {
  const { t } = useTranslation("users");
  return [
    { key: "enabled", label: t("enabled"), state: { enabled: "true" } },
    { key: "disabled", label: t("disabled"), state: { enabled: "false" } },
    { key: "newest", label: t("views.newest"), state: { sort: "-created_at" } },
  ];
}

function useBulk(): BulkAction[] {
  const { t } = useTranslation("users");
  return (["disable_user", "sign_out_user"] as const).map((operation) => ({
    key: operation,
    label: t(`actions.${operation}`),
    allowed: (row) => row.actions.includes(operation),
    name: (row) => row.display_name,
    run: (row) => call("auth", operation, { path: { user_id: row.id }, key: newKey() }),
  }));
}
