import { Select, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { useLoaded } from "../../api/queries.ts";
import { listed } from "../../i18n/start.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { ControlProperties } from "../../ui/form/layout.ts";
import { Dot } from "../../ui/Values.tsx";

/** Who may get an opportunity, the best match first: by region, industry and how much they have already. */
function CandidateSelect({ opportunity, ...rest }: ControlProperties & { opportunity: string }) {
  const { t } = useTranslation("opportunities");
  const { data, isPending } = useLoaded("marketing", "list_assignee_candidates", {
    path: { opportunity_id: opportunity },
  });
  const items = data?.data.items ?? [];
  return (
    <Select
      {...rest}
      loading={isPending}
      showSearch={{ optionFilterProp: "label" }}
      placeholder={t("assign.choose")}
      options={items.map((person) => ({ value: person.id, label: person.display_name, person }))}
      optionRender={({ data: { person } }) => (
        <span className="k-row">
          {person.display_name}
          {person.matches > 0 && <Tag>{t("assign.matches", { count: person.matches })}</Tag>}
          <span className="k-small k-muted">
            {listed([...person.regions, ...person.industries])}
            <Dot />
            {t("assign.open", { count: person.open_opportunities })}
          </span>
        </span>
      )}
    />
  );
}

export function AssignForm({ id }: { id: string }) {
  const { t } = useTranslation("opportunities");
  return (
    <FormDrawer
      small
      title={t("actions.assign_opportunity")}
      submit={t("actions.assign_opportunity")}
      service="marketing"
      operation="assign_opportunity"
      path={{ opportunity_id: id }}
      fields={[{ name: "assignee_id", control: <CandidateSelect opportunity={id} /> }]}
    />
  );
}
