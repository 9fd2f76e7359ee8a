import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { ControlProperties, FormField } from "../../ui/form/layout.ts";
import { type Contact, useContacts } from "./api.ts";

/** The fields of a contact: first those that the specification asks for. */
function fields(customer: string, contact?: string): FormField[] {
  return [
    // Also of a contact that a won opportunity brought with its name alone.
    ...["name", "gender", "title", "office_phone"].map((name) => ({ name, required: true })),
    "mobile",
    "email",
    "department",
    { name: "reports_to_id", control: <Colleague customer={customer} besides={contact} /> },
    "wechat",
    "fax",
    "birthday",
    "category",
    "is_primary",
    { name: "contact_consent", control: <YesNo /> },
    { name: "product_interest", wide: true },
    { name: "preferences", wide: true },
    { name: "tags", wide: true },
    { name: "remark", wide: true },
  ];
}

/** Another contact of the same customer. */
function Colleague({
  customer,
  besides,
  ...rest
}: ControlProperties & { customer: string; besides: string | undefined }) {
  const options = useContacts(customer)
    .filter(({ id }) => id !== besides)
    .map(({ id, name, title }) => ({ value: id, label: [name, title].filter(Boolean).join(" ") }));
  return <Select {...rest} allowClear showSearch={{ optionFilterProp: "label" }} options={options} />;
}

/** Yes, no, or not asked yet. */
function YesNo(properties: ControlProperties) {
  const { t } = useTranslation();
  const options = [
    { value: true, label: t("yes") },
    { value: false, label: t("no") },
  ];
  return <Select {...properties} allowClear options={options} />;
}

export function CreateForm({ customer }: { customer: string }) {
  const { t } = useTranslation("contacts");
  return (
    <FormDrawer
      title={t("create")}
      service="customer"
      operation="create_contact"
      path={{ customer_id: customer }}
      fields={fields(customer)}
      again
      toast={(saved) => t("created", { name: saved.name })}
    />
  );
}

interface EditProperties {
  path: { customer_id: string; contact_id: string };
  loaded: Loaded<Contact>;
}

export function EditForm({ path, loaded }: EditProperties) {
  const { t } = useTranslation("contacts");
  return (
    <FormDrawer
      title={t("edit")}
      service="customer"
      operation="update_contact"
      read="get_contact"
      path={path}
      base={loaded}
      partial
      fields={fields(path.customer_id, path.contact_id)}
    />
  );
}
