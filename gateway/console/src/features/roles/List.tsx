import { BarsOutlined, TableOutlined } from "@ant-design/icons";
import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { DataList } from "../../ui/list/DataList.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { roleLabel } from "./api.ts";
import { Matrix } from "./Matrix.tsx";

export default function List() {
  const { t } = useTranslation("roles");
  const { search, change } = useAddress();
  const matrix = search.show === "matrix";
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-muted">{t("context")}</span>
        <span className="k-space" />
        <Segmented
          aria-label={t("show")}
          value={matrix ? "matrix" : "list"}
          options={[
            { value: "list", label: t("showList"), icon: <BarsOutlined /> },
            { value: "matrix", label: t("showMatrix"), icon: <TableOutlined /> },
          ]}
          onChange={(show) => change({ show: show === "matrix" ? "matrix" : undefined })}
        />
      </header>
      {matrix ? (
        <Matrix />
      ) : (
        <DataList
          name="roles"
          service="auth"
          operation="list_roles"
          label={t("title")}
          columns={[
            { key: "label", title: t("name"), width: 240, strong: true, render: roleLabel },
            { key: "name", title: t("code"), width: 240 },
            {
              key: "permissions",
              title: t("permissions"),
              width: 120,
              render: (row) => Object.keys(row.permissions).length,
            },
            { key: "built_in", width: 96 },
            { key: "updated_at", width: 140 },
          ]}
          to={(row) => `/roles/${row.id}`}
        />
      )}
    </div>
  );
}
