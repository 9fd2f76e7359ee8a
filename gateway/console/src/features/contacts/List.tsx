import { useTranslation } from "react-i18next";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { type Contact, contactAddress } from "./api.ts";

const COLUMNS: Column<Contact>[] = [
  { key: "name", width: 128, strong: true },
  { key: "customer_name", width: 220 },
  { key: "title", width: 128 },
  { key: "department", width: 120 },
  { key: "office_phone", width: 144 },
  { key: "mobile", width: 144 },
  { key: "email", width: 200 },
  { key: "is_primary", width: 104 },
  { key: "customer_number", width: 144, optional: true },
  { key: "gender", optional: true },
  { key: "category", optional: true },
  { key: "wechat", optional: true },
  { key: "birthday", optional: true },
  { key: "reports_to_id", optional: true },
  { key: "product_interest", width: 200, optional: true },
  { key: "contact_consent", optional: true },
];

/** The people at all customers. One opens on the page of the customer. */
export default function List() {
  const { t } = useTranslation("contacts");
  const { search } = useAddress();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        <Export service="customer" operation="export_all_contacts" query={search} />
      </header>
      <DataList
        name="contacts"
        service="customer"
        operation="list_all_contacts"
        label={t("title")}
        columns={COLUMNS}
        filters={["customer_id", "is_primary", "department", "category"]}
        search={t("search")}
        to={(row) => contactAddress(row as Contact)}
      />
    </div>
  );
}
