import { EditOutlined } from "@ant-design/icons";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { type Action, Actions } from "../../ui/record/Actions.tsx";
import { Changes } from "../../ui/record/Changes.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { RecordPage, RecordState } from "../../ui/record/RecordPage.tsx";
import { useDepartmentName } from "../departments/api.ts";
import { roleNames, type User } from "./api.ts";
import { EditForm, ResetForm } from "./Form.tsx";
import { EnabledState } from "./List.tsx";

export default function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const reading = useLoaded("auth", "get_user", { path: { user_id: id } });
  if (!reading.data) return <RecordState reading={reading} />;
  return <Record loaded={reading.data as Loaded<User>} />;
}

function Record({ loaded }: { loaded: Loaded<User> }) {
  const { t } = useTranslation("users");
  const may = useMay();
  const row = loaded.data;
  const actions = useActions();
  const history = {
    key: "history",
    label: t("tabs.history"),
    content: (
      <Changes
        service="auth"
        operation="list_audit_entries"
        query={{ record_type: "user", record_id: row.id }}
        schema={schemaOf("auth", "User")}
      />
    ),
  };
  return (
    <>
      <RecordPage
        list={{ path: "/users", label: t("title") }}
        number={row.username}
        name={row.display_name}
        status={<EnabledState tag row={row} />}
        context={roleNames(row.roles)}
        actions={
          <Actions service="auth" path={{ user_id: row.id }} allowed={row.actions} actions={actions} />
        }
        tabs={[
          { key: "overview", label: t("tabs.overview"), content: <Overview row={row} /> },
          ...(may("audit:read") ? [history] : []),
        ]}
      />
      {row.actions.includes("update_user") && <EditForm loaded={loaded} />}
      {row.actions.includes("reset_password") && <ResetForm row={row} />}
    </>
  );
}

function useActions(): Action[] {
  const { t } = useTranslation("users");
  const label = (operation: string) => t(`actions.${operation}` as never) as string;
  return [
    { operation: "update_user", label: t("edit"), icon: <EditOutlined /> },
    { operation: "reset_password", label: label("reset_password") },
    {
      operation: "sign_out_user",
      label: label("sign_out_user"),
      direct: { question: t("sure.sign_out_user") },
    },
    { operation: "enable_user", label: label("enable_user"), primary: true, direct: {} },
    {
      operation: "disable_user",
      label: label("disable_user"),
      danger: true,
      direct: { question: t("sure.disable_user") },
    },
  ];
}

function Overview({ row }: { row: User }) {
  const { t } = useTranslation("users");
  const may = useMay();
  const departmentName = useDepartmentName();
  return (
    <div className="k-stack">
      <Facts
        two
        schema={schemaOf("auth", "User")}
        row={row}
        facts={[
          "username",
          "display_name",
          { name: "roles", render: roleNames(row.roles) },
          { name: "department_id", render: departmentName(row.department_id) },
          "email",
          "phone",
          "locale",
          "must_change_password",
          "regions",
          "industries",
          "created_by",
          "created_at",
          "updated_by",
          "updated_at",
        ]}
      />
      {may("audit:read") && (
        <p>
          <Link to="/audit" search={{ actor_id: row.id } as never}>
            {t("whatTheyDid")}
          </Link>
        </p>
      )}
    </div>
  );
}
