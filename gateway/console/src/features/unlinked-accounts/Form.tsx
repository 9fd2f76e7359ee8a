import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { useMay } from "../../api/me.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import { CustomerPicker, PersonPicker } from "../../ui/form/pickers.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { Dot } from "../../ui/Values.tsx";

type Account = Schemas["customer"]["UnlinkedAccount"];

/** The account is that of a customer there is; its orders follow. */
export function LinkForm({ account }: { account: Account }) {
  const { t } = useTranslation("unlinked-accounts");
  const { change } = useAddress();
  const may = useMay();
  const [customer, setCustomer] = useState<string>();
  return (
    <FormDrawer
      small
      title={t("link.title")}
      submit={t("link.submit")}
      intro={
        <>
          <Facts account={account} />
          {may("customer:create") && (
            <Button
              type="link"
              style={{ paddingInline: 0 }}
              onClick={() => change({ form: "create_customer" }, true)}
            >
              {t("link.other")}
            </Button>
          )}
        </>
      }
      service="customer"
      operation="link_sales_code"
      path={{ customer_id: customer ?? "" }}
      fields={[
        {
          name: "customer_id",
          label: t("link.customer"),
          required: true,
          wide: true,
          control: <CustomerPicker placeholder={t("link.hint")} onChange={setCustomer} />,
        },
      ]}
      shape={() => ({ code: account.code })}
      toast={(saved) => t("link.done", { name: saved.name })}
    />
  );
}

/** The account is that of a new customer, who has it from the beginning. */
export function CreateForm({ account }: { account: Account }) {
  const { t } = useTranslation("unlinked-accounts");
  const navigate = useNavigate();
  return (
    <FormDrawer
      title={t("create.title")}
      intro={<Facts account={account} />}
      service="customer"
      operation="create_customer"
      initial={{ name: account.name ?? "" }}
      fields={[
        { name: "name", wide: true },
        "region",
        "level",
        { name: "address", wide: true },
        "phone",
        "industry",
        { name: "manager_id", control: <PersonPicker /> },
      ]}
      shape={(values) => ({ ...values, sales_codes: [account.code] })}
      onSaved={(saved) => navigate({ to: `/customers/${saved.id}` })}
    />
  );
}

function Facts({ account }: { account: Account }) {
  const { t } = useTranslation("unlinked-accounts");
  return (
    <p>
      <b>{account.code}</b> {account.name}
      <Dot />
      {t("waiting", { count: account.waiting_orders })}
    </p>
  );
}
