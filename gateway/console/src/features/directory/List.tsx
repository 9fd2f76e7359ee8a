import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf } from "../../api/contract.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Status } from "../../ui/Status.tsx";
import { MARKS } from "../customers/api.ts";

type Entry = Schemas["customer"]["DirectoryEntry"];

/**
 * Every customer of the company: who manages it, and whether it is known already. Rows lead nowhere, as most
 * people may open only some of them.
 */
export default function List() {
  const { t } = useTranslation("directory");
  const { search } = useAddress();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-muted">{t("what")}</span>
        <span className="k-space" />
        <Export service="customer" operation="export_customer_directory" query={search} />
      </header>
      <DataList
        name="directory"
        service="customer"
        operation="list_customer_directory"
        label={t("title")}
        columns={columns()}
        filters={["status", "level", "manager_id", "region", "industry"]}
        search={t("search")}
      />
    </div>
  );
}

function columns(): Column<Entry>[] {
  const { fields } = schemaOf("customer", "DirectoryEntry");
  return [
    { key: "name", width: 260, strong: true },
    { key: "number", width: 152 },
    { key: "manager_id", width: 144 },
    { key: "level", width: 136 },
    { key: "region", width: 120 },
    { key: "industry", width: 136 },
    {
      key: "status",
      width: 104,
      render: (row) => <Status mark={MARKS[row.status]}>{codeText(fields.status, row.status)}</Status>,
    },
  ];
}
