import { useTranslation } from "react-i18next";
import { codeText, type Service, schemaOf } from "../../api/contract.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { Related } from "../../ui/list/Related.tsx";
import { type Mark, Status } from "../../ui/Status.tsx";
import { MARKS as WARNINGS } from "../churn/api.ts";
import { MARKS as OPPORTUNITIES } from "../opportunities/api.ts";
import { MARKS as REQUESTS } from "../requests/api.ts";
import type { Customer } from "./api.ts";

/** A column with a state: its glyph and its word. */
export function stateColumn(
  service: Service,
  schema: string,
  key: string,
  marks: Record<string, Mark>,
): Column {
  return {
    key,
    width: 112,
    render: (row) => (
      <Status mark={marks[row[key]]}>
        {codeText(schemaOf(service, schema).fields[key], String(row[key]))}
      </Status>
    ),
  };
}

export function Requests({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  return (
    <Related
      service="service-desk"
      operation="list_requests"
      query={{ customer_id: row.id }}
      label={t("tabs.requests")}
      empty={t("empty.requests")}
      to={(request) => `/requests/${request.id}`}
      columns={[
        { key: "number", width: 148 },
        { key: "summary", width: 220, strong: true },
        { key: "type", width: 96 },
        stateColumn("service-desk", "Request", "status", REQUESTS),
        { key: "assignee_id" },
        { key: "created_at" },
      ]}
    />
  );
}

export function Opportunities({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  return (
    <Related
      service="marketing"
      operation="list_opportunities"
      query={{ customer_id: row.id }}
      label={t("tabs.opportunities")}
      empty={t("empty.opportunities")}
      to={(opportunity) => `/opportunities/${opportunity.id}`}
      columns={[
        { key: "number", width: 148 },
        { key: "summary", width: 220, strong: true },
        stateColumn("marketing", "Opportunity", "status", OPPORTUNITIES),
        { key: "expected_amount" },
        { key: "expected_close_date" },
        { key: "assignee_id" },
      ]}
    />
  );
}

export function Warnings({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  return (
    <Related
      service="customer"
      operation="list_churn_warnings"
      query={{ customer_id: row.id }}
      label={t("tabs.warnings")}
      empty={t("empty.warnings")}
      to={(warning) => `/churn-warnings/${warning.id}`}
      columns={[
        { key: "opened_at" },
        { key: "kind" },
        stateColumn("customer", "Warning", "state", WARNINGS),
        { key: "last_order_on" },
        { key: "next_review_on" },
        { key: "closed_at" },
      ]}
    />
  );
}
