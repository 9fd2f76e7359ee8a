import { useNavigate } from "@tanstack/react-router";
import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { useLoaded } from "../../api/queries.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import { type ControlProperties, type FormField, specOf } from "../../ui/form/layout.ts";
import { CustomerPicker } from "../../ui/form/pickers.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { AssignForm } from "./Assign.tsx";
import type { ServiceRequest } from "./api.ts";

/** The request that this one goes on with: one of the same customer. */
function PreviousSelect({ except, ...rest }: ControlProperties & { except?: string | undefined }) {
  const customer = Form.useWatch("customer_id", Form.useFormInstance());
  const { data, isPending } = useLoaded("service-desk", "list_requests", {
    query: { customer_id: [customer], limit: 50 },
    enabled: Boolean(customer),
  });
  return (
    <Select
      {...rest}
      allowClear
      loading={isPending}
      showSearch={{ optionFilterProp: "label" }}
      options={data?.data.items
        .filter((one) => one.id !== except)
        .map((one) => ({ value: one.id, label: `${one.number} ${one.summary}` }))}
    />
  );
}

/** The fields of a request, in the order of the specification. */
function useFields(row?: ServiceRequest): FormField[] {
  const { t } = useTranslation("requests");
  const known =
    row?.customer_name != null ? [{ value: row.customer_id, label: row.customer_name }] : undefined;
  return [
    "type",
    { name: "priority", required: false },
    { name: "summary", wide: true, control: <Input maxLength={500} autoComplete="off" /> },
    {
      name: "customer_id",
      control: <CustomerPicker placeholder={t("form.customer")} {...(known ? { known } : {})} />,
    },
    "contact",
    "description",
    {
      name: "previous_request_id",
      wide: true,
      control: <PreviousSelect except={row?.id} />,
      when: (values) => Boolean(values.customer_id),
    },
  ];
}

/** A new request; for the customer in the address, when it is opened from that customer's page. */
export function CreateForm() {
  const { t } = useTranslation("requests");
  const navigate = useNavigate();
  const { search } = useAddress();
  const customer = search.customer_id?.includes(",") ? undefined : search.customer_id;
  return (
    <FormDrawer
      title={t("create")}
      service="service-desk"
      operation="create_request"
      fields={useFields()}
      initial={{ priority: "normal", customer_id: customer }}
      again
      toast={(saved) => t("created", { number: saved.number })}
      onSaved={(saved, again) => {
        if (!again) navigate({ to: `/requests/${saved.id}`, search: {} });
      }}
    />
  );
}

function CorrectForm({ loaded }: { loaded: Loaded<ServiceRequest> }) {
  const { t } = useTranslation("requests");
  const fields = useFields(loaded.data).filter((field) => loaded.data.editable.includes(specOf(field).name));
  return (
    <FormDrawer
      title={t("actions.correct_request")}
      service="service-desk"
      operation="correct_request"
      read="get_request"
      path={{ request_id: loaded.data.id }}
      base={loaded}
      partial
      fields={fields}
    />
  );
}

/** The ends of a request without feedback, each with its reason. */
export function EndForms({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  return (
    <>
      {(["close_request", "cancel_request", "withdraw_request"] as const).map((operation) => (
        <FormDrawer
          key={operation}
          small
          danger
          title={t(`actions.${operation}`)}
          submit={t(`actions.${operation}`)}
          intro={t(`intro.${operation}`)}
          service="service-desk"
          operation={operation}
          path={{ request_id: row.id }}
          fields={["reason"]}
          toast={() => row.number}
        />
      ))}
    </>
  );
}

/** The forms that the buttons of a request open. */
export function RequestForms({ loaded }: { loaded: Loaded<ServiceRequest> }) {
  const row = loaded.data;
  return (
    <>
      {row.actions.includes("correct_request") && <CorrectForm loaded={loaded} />}
      {row.actions.includes("assign_request") && <AssignForm row={row} />}
      <EndForms row={row} />
    </>
  );
}
