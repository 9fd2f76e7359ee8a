import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { configuration } from "../../api/configuration.ts";
import { useMay } from "../../api/me.ts";
import { CurrencySelect } from "../../ui/form/CurrencySelect.tsx";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { FormField } from "../../ui/form/layout.ts";
import { CustomerPicker } from "../../ui/form/pickers.tsx";
import type { Opportunity } from "./api.ts";

/** The fields of an opportunity, in the order of the specification. */
function useFields(): FormField[] {
  const { t } = useTranslation("opportunities");
  const may = useMay();
  const customers = may("customer:read");
  return [
    "source",
    ...(customers
      ? [
          {
            name: "customer_id",
            label: t("form.existing"),
            control: <CustomerPicker placeholder={t("form.existingHint")} />,
            when: (values: Record<string, unknown>) => !values.customer_name,
          },
        ]
      : []),
    {
      name: "customer_name",
      required: true,
      when: (values: Record<string, unknown>) => !values.customer_id,
    },
    { name: "success_rate" },
    { name: "summary", wide: true },
    "contact_name",
    "contact_phone",
    { name: "description", wide: true },
    "expected_amount",
    { name: "currency", required: false, control: <CurrencySelect /> },
    "expected_close_date",
    "products",
    "region",
    "industry",
    "registration_no",
  ];
}

export function CreateForm() {
  const { t } = useTranslation("opportunities");
  const navigate = useNavigate();
  const fields = useFields();
  return (
    <FormDrawer
      title={t("create")}
      service="marketing"
      operation="create_opportunity"
      fields={fields}
      initial={{ currency: configuration().currency, success_rate: 10 }}
      again
      toast={(saved) => t("created", { number: saved.number })}
      onSaved={(saved, again) => {
        if (!again) navigate({ to: `/opportunities/${saved.id}` });
      }}
    />
  );
}

export function EditForm({ loaded }: { loaded: Loaded<Opportunity> }) {
  const { t } = useTranslation("opportunities");
  const fields = useFields().filter((field) =>
    loaded.data.editable.includes(typeof field === "string" ? field : field.name),
  );
  return (
    <FormDrawer
      title={t("edit")}
      service="marketing"
      operation="update_opportunity"
      read="get_opportunity"
      path={{ opportunity_id: loaded.data.id }}
      base={loaded}
      partial
      fields={fields}
    />
  );
}

export function ProgressForm({ loaded }: { loaded: Loaded<Opportunity> }) {
  const { t } = useTranslation("opportunities");
  return (
    <FormDrawer
      title={t("actions.progress_opportunity")}
      service="marketing"
      operation="progress_opportunity"
      read="get_opportunity"
      path={{ opportunity_id: loaded.data.id }}
      base={loaded}
      partial
      fields={[
        "success_rate",
        "expected_close_date",
        "expected_amount",
        { name: "currency", required: false, control: <CurrencySelect /> },
        { name: "products", wide: true },
        "contact_name",
        "contact_phone",
      ]}
    />
  );
}

/** The end of an opportunity: won with its amount, or lost with a reason. */
export function CloseForms({ row }: { row: Opportunity }) {
  const { t } = useTranslation("opportunities");
  const path = { opportunity_id: row.id };
  return (
    <>
      <FormDrawer
        small
        title={t("actions.win_opportunity")}
        submit={t("actions.win_opportunity")}
        intro={t("winIntro", { name: row.customer_name })}
        service="marketing"
        operation="win_opportunity"
        path={path}
        initial={{ amount: row.expected_amount }}
        fields={[{ name: "amount", required: !row.expected_amount, hint: row.currency }]}
        toast={() => t("won")}
      />
      <FormDrawer
        small
        danger
        title={t("actions.lose_opportunity")}
        submit={t("actions.lose_opportunity")}
        service="marketing"
        operation="lose_opportunity"
        path={path}
        fields={["reason_code", "competitor", "reason"]}
        toast={() => t("lost")}
      />
      <FormDrawer
        small
        danger
        title={t("actions.void_opportunity")}
        submit={t("actions.void_opportunity")}
        intro={t("voidIntro")}
        service="marketing"
        operation="void_opportunity"
        path={path}
        fields={["reason"]}
      />
    </>
  );
}
