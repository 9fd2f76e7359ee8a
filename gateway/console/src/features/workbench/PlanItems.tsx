import { Link } from "@tanstack/react-router";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { useMe } from "../../api/me.ts";
import { addDays, today } from "../../lib/dates.ts";
import { InPlaceForm } from "../../ui/form/InPlaceForm.tsx";
import { Day, Dot, Due } from "../../ui/Values.tsx";
import { ListPanel } from "./Panels.tsx";

type Item = Schemas["marketing"]["PlannedItem"];

/** Plan items that are due or late, or come within a week; results are written in the row. */
export function PlanPanel({ own }: { own: boolean }) {
  const { t } = useTranslation("workbench");
  const me = useMe();
  const [ahead, setAhead] = useState(false);
  const due = { date_to: today() };
  const coming = { date_from: addDays(today(), 1), date_to: addDays(today(), 7) };
  return (
    <ListPanel<Item>
      title={t("plan.title")}
      service="marketing"
      operation="search_plan_items"
      query={{
        state: "pending",
        sort: "date",
        ...(own ? { assignee_id: me.id } : {}),
        ...(ahead ? coming : due),
      }}
      empty={t(ahead ? "plan.noneAhead" : "plan.none")}
      row={(item) => <PlanRow item={item} />}
      extra={
        <Segmented
          size="small"
          aria-label={t("plan.title")}
          value={ahead ? "ahead" : "due"}
          options={[
            { value: "due", label: t("plan.due") },
            { value: "ahead", label: t("plan.ahead") },
          ]}
          onChange={(value) => setAhead(value === "ahead")}
        />
      }
    />
  );
}

function PlanRow({ item }: { item: Item }) {
  const { t } = useTranslation("workbench");
  const [open, setOpen] = useState(false);
  return (
    <div className="k-item" data-plan-item={item.id}>
      <div className="k-due">
        <b>
          <Due day={item.date} />
        </b>
        <Day value={item.date} short />
      </div>
      <div className="k-space">
        <div className="k-text">{item.content}</div>
        <div className="k-small k-muted k-ellipsis">
          <Link to={`/opportunities/${item.opportunity_id}`}>{item.customer_name}</Link>
          <Dot />
          {item.opportunity_summary}
        </div>
        {open && (
          <InPlaceForm
            service="marketing"
            operation="record_plan_item_result"
            read="get_plan_item"
            path={{ opportunity_id: item.opportunity_id, item_id: item.id }}
            fields={["result"]}
            onClose={() => setOpen(false)}
          />
        )}
      </div>
      {!open && item.actions.includes("record_plan_item_result") && (
        <Button size="small" onClick={() => setOpen(true)}>
          {t("plan.result")}
        </Button>
      )}
    </div>
  );
}
