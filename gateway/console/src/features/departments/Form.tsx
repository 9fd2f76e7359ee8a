import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { useLoaded } from "../../api/queries.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { ControlProperties, FormField } from "../../ui/form/layout.ts";
import { type Department, useDepartmentOptions, useDepartments } from "./api.ts";
import { within } from "./rules.ts";

function ParentSelect({ not, ...rest }: ControlProperties & { not?: string }) {
  const { data = [] } = useDepartments();
  const options = useDepartmentOptions();
  const closed = not ? within(data, not) : new Set();
  return (
    <Select
      {...rest}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      options={options.filter(({ value }) => !closed.has(value))}
      optionRender={({ label, data: { depth } }) => (
        <span style={{ paddingInlineStart: depth * 16 }}>{label}</span>
      )}
    />
  );
}

function fieldsOf(id?: string): FormField[] {
  return ["name", { name: "parent_id", control: <ParentSelect {...(id && { not: id })} /> }];
}

export function CreateForm() {
  const { t } = useTranslation("departments");
  return (
    <FormDrawer
      small
      title={t("create")}
      service="auth"
      operation="create_department"
      fields={fieldsOf()}
      again
      toast={(saved) => t("created", { name: saved.name })}
    />
  );
}

export function EditForm({ id }: { id: string }) {
  const { t } = useTranslation("departments");
  const reading = useLoaded("auth", "get_department", { path: { department_id: id }, staleTime: 0 });
  if (!reading.isFetchedAfterMount || !reading.data) return null;
  return (
    <FormDrawer
      small
      title={t("edit")}
      service="auth"
      operation="update_department"
      read="get_department"
      path={{ department_id: id }}
      base={reading.data as Loaded<Department>}
      partial
      fields={fieldsOf(id)}
    />
  );
}
