import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/me.ts";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";

const FIXED = { status: "lost" };

/** The customers that are lost now. When and why each was lost before, stands with the customer. */
export default function Losses() {
  const { t } = useTranslation("churn");
  const { search } = useAddress();
  const may = useMay();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("losses.title")} />
        {may("report:read") && <Link to="/reports/customer-churn">{t("losses.report")}</Link>}
        <span className="k-space" />
        <Export service="customer" operation="export_customers" query={{ ...search, ...FIXED }} />
      </header>
      <DataList
        name="losses"
        service="customer"
        operation="list_customers"
        fixed={FIXED}
        label={t("losses.title")}
        columns={[
          { key: "number", width: 136 },
          { key: "name", width: 220, strong: true },
          { key: "lost_at" },
          { key: "last_ordered_on", width: 120 },
          { key: "level", width: 128 },
          { key: "region", width: 112 },
          { key: "industry", width: 112 },
          { key: "manager_id", width: 128 },
          { key: "satisfaction", optional: true },
          { key: "credit", optional: true },
        ]}
        filters={["manager_id", "level", "region", "industry", "source"]}
        search={t("search")}
        to={(row) => `/customers/${row.id}`}
        empty={t("losses.none")}
      />
    </div>
  );
}
