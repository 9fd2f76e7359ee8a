import { useTranslation } from "react-i18next";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { stockOf, UnitPrice } from "./cells.tsx";

/** The products of the sales system; each leads to its stock. */
export default function Products() {
  const { t } = useTranslation("catalogue");
  const { search } = useAddress();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("products.title")} />
        <span className="k-muted">{t("source")}</span>
        <span className="k-space" />
        <Export service="customer" operation="export_products" query={search} />
      </header>
      <DataList
        name="products"
        service="customer"
        operation="list_products"
        label={t("products.title")}
        columns={[
          { key: "code", width: 144 },
          { key: "name", width: 240, strong: true },
          { key: "model", width: 160 },
          { key: "grade", width: 96 },
          { key: "unit", width: 80 },
          { key: "price", width: 144, render: (row) => <UnitPrice row={row} /> },
          { key: "remark", width: 240 },
          { key: "as_of" },
        ]}
        filters={["code", "model", "grade"]}
        search={t("products.search")}
        to={(row) => stockOf(row.code)}
      />
    </div>
  );
}
