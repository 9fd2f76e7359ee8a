import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { schemaOf } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Panel } from "../../ui/Panel.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { Quantity, stockOf, UnitPrice } from "./cells.tsx";

type Product = Schemas["customer"]["Product"];

/** How much of each product lies where; of one product, with what it is. */
export default function Stock() {
  const { t } = useTranslation("catalogue");
  const { search } = useAddress();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("stock.title")} />
        <span className="k-muted">{t("source")}</span>
        <span className="k-space" />
        <Export service="customer" operation="export_stock" query={search} />
      </header>
      {search.product_code && <ProductFacts code={search.product_code} />}
      <DataList
        name="stock"
        service="customer"
        operation="list_stock"
        label={t("stock.title")}
        columns={[
          { key: "product_code", width: 160, strong: true },
          { key: "warehouse", width: 160 },
          { key: "location", width: 144 },
          { key: "quantity", width: 144, numeric: true, render: (row) => <Quantity value={row.quantity} /> },
          { key: "remark", width: 240 },
          { key: "as_of" },
        ]}
        filters={["product_code", "warehouse", "location"]}
        to={(row) => (search.product_code ? undefined : stockOf(row.product_code))}
      />
    </div>
  );
}

/** What the product is whose stock is listed; of several nothing is said. */
function ProductFacts({ code }: { code: string }) {
  const { t } = useTranslation("catalogue");
  const { data } = useLoaded("customer", "list_products", { query: { code: [code], limit: 2 } });
  const [product, another] = (data?.data.items ?? []) as Product[];
  if (!product || another) return null;
  return (
    <div className="k-body" style={{ paddingTop: 12, paddingBottom: 8 }}>
      <Panel
        title={product.name}
        extra={
          <Link to="/catalogue/products" search={{}}>
            {t("stock.allProducts")}
          </Link>
        }
      >
        <div className="k-panel-body">
          <Facts
            two
            schema={schemaOf("customer", "Product")}
            row={product}
            facts={[
              "code",
              "model",
              "grade",
              "unit",
              { name: "price", render: <UnitPrice row={product} /> },
              "remark",
            ]}
          />
        </div>
      </Panel>
    </div>
  );
}
