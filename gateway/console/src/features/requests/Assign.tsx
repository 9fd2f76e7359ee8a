import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { text } from "../../api/contract.ts";
import { roles } from "../../api/generated/operations.ts";
import { useLoaded } from "../../api/queries.ts";
import { listed } from "../../i18n/start.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { ControlProperties } from "../../ui/form/layout.ts";
import { Dot } from "../../ui/Values.tsx";
import type { ServiceRequest } from "./api.ts";

/** Who handles requests. */
const HANDLERS = ["account_manager", "service_agent"];

function roleNames(names: readonly string[]): string {
  return listed(names.filter((name) => HANDLERS.includes(name)).map((name) => text(roles[name], name)));
}

/** Who may get a request, the least busy first. */
function CandidateSelect({ request, ...rest }: ControlProperties & { request: string }) {
  const { t } = useTranslation("requests");
  const { data, isPending } = useLoaded("service-desk", "list_request_assignee_candidates", {
    path: { request_id: request },
  });
  return (
    <Select
      {...rest}
      loading={isPending}
      showSearch={{ optionFilterProp: "label" }}
      placeholder={t("assign.choose")}
      options={data?.data.items.map((person) => ({ value: person.id, label: person.display_name, person }))}
      optionRender={({ data: { person } }) => (
        <span className="k-row">
          {person.display_name}
          <span className="k-small k-muted">
            {roleNames(person.roles)}
            <Dot />
            {t("assign.open", { count: person.open_requests })}
          </span>
        </span>
      )}
    />
  );
}

export function AssignForm({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const title = t(row.assignee_id ? "reassign" : "actions.assign_request");
  return (
    <FormDrawer
      small
      title={title}
      submit={title}
      service="service-desk"
      operation="assign_request"
      path={{ request_id: row.id }}
      fields={[{ name: "assignee_id", control: <CandidateSelect request={row.id} /> }]}
      toast={() => row.number}
    />
  );
}

/** Whom several requests are assigned to: everybody who handles some. */
export function HandlerSelect({ onChange }: { onChange: (id: string) => void }) {
  const { t } = useTranslation("requests");
  const { data, isPending } = useLoaded("auth", "list_people", {
    query: { role: HANDLERS, limit: 200, sort: "display_name" } as never,
  });
  return (
    <Select
      style={{ width: "100%" }}
      aria-label={t("assign.choose")}
      placeholder={t("assign.choose")}
      loading={isPending}
      showSearch={{ optionFilterProp: "label" }}
      options={data?.data.items.map((person) => ({ value: person.id, label: person.display_name }))}
      onChange={onChange}
    />
  );
}
