import { useTranslation } from "react-i18next";
import { useLoaded } from "../../api/queries.ts";
import { addressOf } from "../../ui/list/address.ts";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { CreateForm, LinkForm } from "./Form.tsx";

/** Accounts of the sales system that no customer has yet: their orders wait. A row opens the form to link it. */
export default function List() {
  const { t } = useTranslation("unlinked-accounts");
  const { search } = useAddress();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-muted">{t("why")}</span>
        <span className="k-space" />
        <Export service="customer" operation="export_unlinked_accounts" query={search} />
      </header>
      <DataList
        name="unlinked-accounts"
        service="customer"
        operation="list_unlinked_accounts"
        label={t("title")}
        columns={[
          { key: "code", title: t("account"), width: 160, strong: true },
          { key: "name", width: 260 },
          { key: "waiting_orders", width: 128 },
          { key: "first_ordered_at", width: 136 },
          { key: "last_ordered_at", width: 136 },
          { key: "created_at", title: t("known"), width: 136 },
        ]}
        filters={["code"]}
        to={(row) => addressOf("/unlinked-accounts", { ...search, account: row.id, form: "link_sales_code" })}
        empty={t("none")}
      />
      {search.account && <Forms id={search.account} />}
    </div>
  );
}

/** The forms for the account that the address names. */
function Forms({ id }: { id: string }) {
  const { data } = useLoaded("customer", "list_unlinked_accounts", { query: { id: [id] } });
  const account = data?.data.items[0];
  if (!account) return null;
  return (
    <>
      <LinkForm account={account} />
      <CreateForm account={account} />
    </>
  );
}
