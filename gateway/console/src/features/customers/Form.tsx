import { useNavigate } from "@tanstack/react-router";
import { AutoComplete, Input, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { schemaOf, text } from "../../api/contract.ts";
import { useMay, useMe } from "../../api/me.ts";
import type { Problem } from "../../api/problem.ts";
import { useLoaded } from "../../api/queries.ts";
import { CurrencySelect } from "../../ui/form/CurrencySelect.tsx";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { ControlProperties, FieldSpec } from "../../ui/form/layout.ts";
import { PersonPicker } from "../../ui/form/pickers.tsx";
import { Dot } from "../../ui/Values.tsx";
import { type Customer, type CustomerItem, MANAGERS } from "./api.ts";

/** What the service assumes of a customer about whom nothing else is known. */
const UNKNOWN_SCORE = 3;

/** From 1 to 5, all in sight. */
function Score(properties: ControlProperties) {
  return <Radio.Group {...properties} optionType="button" buttonStyle="solid" options={[1, 2, 3, 4, 5]} />;
}

/** One line, although the contract allows long texts. */
function Line({ value, ...rest }: ControlProperties) {
  return <Input {...rest} value={value ?? ""} autoComplete="off" />;
}

/** The fields of a customer, in the order of the specification. */
function useFields(): FieldSpec[] {
  const { t } = useTranslation("customers");
  return [
    { name: "name", required: true, wide: true, section: t("parts.basic") },
    { name: "region", required: true },
    { name: "level", required: true },
    { name: "satisfaction", required: true, control: <Score /> },
    { name: "credit", required: true, control: <Score /> },
    { name: "industry" },
    { name: "source" },
    { name: "type" },
    { name: "stage" },
    { name: "address", required: true, wide: true, control: <Line />, section: t("parts.contact") },
    { name: "phone", required: true },
    { name: "postcode" },
    { name: "fax" },
    { name: "website", wide: false, control: <Line /> },
    { name: "email" },
    { name: "country" },
    { name: "province" },
    { name: "city" },
    { name: "registration_no", section: t("parts.company") },
    { name: "legal_representative" },
    { name: "registered_capital" },
    { name: "annual_turnover" },
    { name: "capital_currency", control: <CurrencySelect /> },
    { name: "bank" },
    { name: "account_no" },
    { name: "local_tax_no" },
    { name: "state_tax_no" },
    { name: "parent_company" },
    { name: "follow_status", section: t("parts.more") },
    { name: "referred_by" },
    { name: "products" },
    { name: "tags" },
    { name: "keywords", wide: false, control: <Line /> },
    { name: "churn_months", hint: t("churnHint") },
    { name: "is_prospect" },
    { name: "remark", wide: true },
  ];
}

/** What is asked of a new customer at once; the rest can follow. */
const FIRST = new Set([
  "name",
  "region",
  "level",
  "satisfaction",
  "credit",
  "industry",
  "source",
  "address",
  "phone",
  "website",
  "registration_no",
  "legal_representative",
  "is_prospect",
  "remark",
]);

function useInsist() {
  const { t } = useTranslation("customers");
  return {
    code: "duplicate-customer",
    field: "allow_duplicate",
    label: t("duplicates.insist"),
    about: (fault: Problem) => <Duplicates customers={fault.params.customers ?? []} />,
  };
}

/** The customers that have the name or number already, and whose they are. */
function Duplicates({
  customers,
}: {
  customers: Pick<CustomerItem, "id" | "number" | "name" | "manager_name">[];
}) {
  const { t } = useTranslation("customers");
  return (
    <ul>
      {customers.map((one) => (
        <li key={one.id}>
          {one.name}
          <Dot />
          {one.number}
          <Dot />
          {one.manager_name ?? t("noManager")}
        </li>
      ))}
    </ul>
  );
}

export function CreateForm() {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const me = useMe();
  const may = useMay();
  const insist = useInsist();
  const fields = useFields().filter(({ name }) => FIRST.has(name));
  const known = [{ value: me.id, label: me.display_name }];
  const manager = {
    name: "manager_id",
    required: true,
    control: <PersonPicker roles={MANAGERS} known={known} />,
  };
  if (may("customer:reassign")) fields.splice(2, 0, manager);
  return (
    <FormDrawer
      title={t("create")}
      service="customer"
      operation="create_customer"
      fields={fields}
      initial={{ manager_id: me.id, satisfaction: UNKNOWN_SCORE, credit: UNKNOWN_SCORE }}
      insist={insist}
      again
      toast={(saved) => t("created", { number: saved.number })}
      onSaved={(saved, again) => {
        if (!again) navigate({ to: `/customers/${saved.id}` });
      }}
    />
  );
}

export function EditForm({ loaded }: { loaded: Loaded<Customer> }) {
  const { t } = useTranslation("customers");
  const insist = useInsist();
  const fields = useFields().filter(({ name }) => loaded.data.editable.includes(name));
  return (
    <FormDrawer
      title={t("edit")}
      service="customer"
      operation="update_customer"
      read="get_customer"
      path={{ customer_id: loaded.data.id }}
      base={loaded}
      partial
      insist={insist}
      fields={fields}
    />
  );
}

/** The forms of single acts. */
export function ActForms({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  const codes = text(schemaOf("customer", "Customer").fields.sales_codes?.label);
  const shared = { small: true, service: "customer", path: { customer_id: row.id } } as const;
  const act = (operation: string) => {
    const label = t(`actions.${operation}` as never) as string;
    return { ...shared, operation, title: label, submit: label };
  };
  return (
    <>
      <FormDrawer
        {...act("reassign_customer")}
        intro={t("reassignIntro", { name: row.manager_name ?? t("noManager") })}
        fields={[{ name: "manager_id", control: <PersonPicker roles={MANAGERS} /> }]}
      />
      <FormDrawer {...act("reactivate_customer")} intro={t("reactivateIntro")} fields={["reason"]} />
      <FormDrawer
        {...act("link_sales_code")}
        intro={t("codes.linkIntro")}
        fields={[{ name: "code", label: codes, control: <FreeCode /> }]}
      />
      <FormDrawer
        {...act("unlink_sales_code")}
        danger
        intro={t("codes.unlinkIntro")}
        fields={[
          {
            name: "code",
            label: codes,
            control: <Select options={row.sales_codes.map((code) => ({ value: code, label: code }))} />,
          },
        ]}
      />
    </>
  );
}

/** A code of the sales system, typed or chosen among those that belong to no customer. */
function FreeCode(properties: ControlProperties) {
  const { t } = useTranslation("customers");
  const { data } = useLoaded("customer", "list_unlinked_accounts", { query: { limit: 200 } });
  const options = (data?.data.items ?? []).map((account) => ({
    value: account.code,
    label: [account.code, account.name, t("codes.waiting", { count: account.waiting_orders })].join(" "),
  }));
  return (
    <AutoComplete
      {...properties}
      options={options}
      showSearch={{ filterOption: (words, option) => Boolean(option?.label.includes(words)) }}
    />
  );
}
