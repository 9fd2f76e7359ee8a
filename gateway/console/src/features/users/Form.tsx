import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { configuration } from "../../api/configuration.ts";
import { language } from "../../i18n/start.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { ControlProperties, FormField } from "../../ui/form/layout.ts";
import { useDepartmentOptions } from "../departments/api.ts";
import { roleOptions, type User } from "./api.ts";
import { PasswordControl, useHandOver } from "./Password.tsx";
import { newPassword } from "./rules.ts";

function RoleSelect(properties: ControlProperties) {
  return (
    <Select
      {...properties}
      mode="multiple"
      options={roleOptions()}
      showSearch={{ optionFilterProp: "label" }}
    />
  );
}

function DepartmentSelect(properties: ControlProperties) {
  return (
    <Select
      {...properties}
      allowClear
      options={useDepartmentOptions()}
      showSearch={{ optionFilterProp: "label" }}
      optionRender={({ label, data: { depth } }) => (
        <span style={{ paddingInlineStart: depth * 16 }}>{label}</span>
      )}
    />
  );
}

const PERSON: FormField[] = [
  "display_name",
  { name: "roles", control: <RoleSelect />, wide: true },
  { name: "department_id", control: <DepartmentSelect /> },
  "locale",
  "email",
  "phone",
  "regions",
  "industries",
];

function usePasswordFields(required: boolean): FormField[] {
  const { t } = useTranslation("users");
  const { min_length } = configuration().password;
  return [
    {
      name: "password",
      required,
      control: <PasswordControl />,
      hint: t("common:password.rule", { count: min_length }),
      wide: true,
    },
    { name: "must_change_password", hint: t("password.mustHint"), wide: true },
  ];
}

export function CreateForm() {
  const { t } = useTranslation("users");
  const passwordFields = usePasswordFields(false);
  const handOver = useHandOver();
  // A new one for each opening of the form, and the same while it is open.
  const [password, setPassword] = useState(newPassword);
  return (
    <FormDrawer
      title={t("create")}
      service="auth"
      operation="create_user"
      fields={["username", ...PERSON, ...passwordFields]}
      initial={{ locale: language(), password, must_change_password: true }}
      shape={handOver.keep}
      toast={(saved) => t("created", { name: saved.display_name })}
      onSaved={(saved) => {
        setPassword(newPassword());
        handOver.show(saved.username);
      }}
    />
  );
}

export function EditForm({ loaded }: { loaded: Loaded<User> }) {
  const { t } = useTranslation("users");
  return (
    <FormDrawer
      title={t("edit")}
      service="auth"
      operation="update_user"
      read="get_user"
      path={{ user_id: loaded.data.id }}
      base={loaded}
      partial
      fields={PERSON}
    />
  );
}

export function ResetForm({ row }: { row: User }) {
  const { t } = useTranslation("users");
  const fields = usePasswordFields(true);
  const handOver = useHandOver();
  const [password, setPassword] = useState(newPassword);
  return (
    <FormDrawer
      small
      title={t("actions.reset_password")}
      submit={t("actions.reset_password")}
      intro={t("password.resetIntro", { name: row.display_name })}
      service="auth"
      operation="reset_password"
      path={{ user_id: row.id }}
      fields={fields}
      initial={{ password, must_change_password: true }}
      shape={handOver.keep}
      onSaved={() => {
        setPassword(newPassword());
        handOver.show(row.username);
      }}
    />
  );
}
