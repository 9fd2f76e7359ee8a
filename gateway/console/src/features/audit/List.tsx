import { useTranslation } from "react-i18next";
import { codeText, schemaOf } from "../../api/contract.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { useAddress } from "../../ui/list/state.ts";
import type { View } from "../../ui/list/views.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Status } from "../../ui/Status.tsx";
import { ACTIONS, type AuditEntry, RECORDS, SERVICES, useNames } from "./api.ts";
import { Entry } from "./Entry.tsx";

export default function List() {
  const { t } = useTranslation("audit");
  const { search, change } = useAddress();
  const names = useNames();
  const choices = (codes: readonly string[], name: (code: string) => string) =>
    codes.map((value) => ({ value, label: name(value) }));
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        <Export service="auth" operation="export_audit_entries" query={search} />
      </header>
      <DataList
        name="audit"
        service="auth"
        operation="list_audit_entries"
        label={t("title")}
        columns={useColumns()}
        filters={[
          "actor_id",
          "action",
          "record_type",
          "occurred_at",
          "outcome",
          "service",
          "code",
          "record_id",
          "request_id",
        ]}
        options={{
          action: choices(ACTIONS, names.action),
          record_type: choices(RECORDS, names.record),
          service: choices(SERVICES, names.service),
        }}
        views={useViews()}
        onOpen={(row) => change({ of: row.id })}
      />
      {search.of && <Entry id={search.of} />}
    </div>
  );
}

function useColumns(): Column<AuditEntry>[] {
  const { t } = useTranslation("audit");
  const names = useNames();
  const { fields } = schemaOf("auth", "AuditEntry");
  return [
    { key: "occurred_at", width: 148 },
    { key: "actor_name", title: t("actor"), width: 150 },
    { key: "action", width: 150, strong: true, render: (row) => names.action(row.action) },
    { key: "record_type", width: 140, render: (row) => names.record(row.record_type) },
    {
      key: "outcome",
      width: 110,
      render: (row) => (
        <Status mark={row.outcome === "refused" ? "failed" : "done"}>
          {codeText(fields.outcome, row.outcome)}
        </Status>
      ),
    },
    { key: "service", width: 130, render: (row) => names.service(row.service) },
    { key: "operation", width: 220 },
    { key: "code", width: 160 },
    { key: "actor_kind", optional: true, width: 120 },
    { key: "record_id", optional: true, width: 300 },
    { key: "request_id", optional: true, width: 280 },
  ];
}

function useViews(): View[] {
  const { t } = useTranslation("audit");
  return [
    { key: "all", label: t("views.all"), state: {} },
    { key: "refused", label: t("views.refused"), state: { outcome: "refused" } },
    { key: "access", label: t("views.access"), state: { action: "login,logout,password-change,signed-out" } },
    { key: "deleted", label: t("views.deleted"), state: { action: "deleted" } },
    { key: "exported", label: t("views.exported"), state: { action: "exported" } },
  ];
}
