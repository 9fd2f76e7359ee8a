import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { daysBetween, today } from "../../lib/dates.ts";
import { InPlaceForm } from "../../ui/form/InPlaceForm.tsx";
import { Day, Dot } from "../../ui/Values.tsx";
import { ListPanel } from "./Panels.tsx";

type Warning = Schemas["customer"]["Warning"];

/** Customers that may be lost and for whom nothing has been done yet. */
export function WarningsPanel() {
  const { t } = useTranslation("workbench");
  return (
    <ListPanel<Warning>
      title={t("warnings.title")}
      service="customer"
      operation="list_churn_warnings"
      query={{ state: "open" }}
      all={{ path: "/churn-warnings", search: { state: "open" } }}
      empty={t("warnings.none")}
      row={(warning) => <WarningRow warning={warning} />}
    />
  );
}

function WarningRow({ warning }: { warning: Warning }) {
  const { t } = useTranslation("workbench");
  const [open, setOpen] = useState(false);
  return (
    <div className="k-item">
      <div className="k-space">
        <Link className="k-strong" to={`/churn-warnings/${warning.id}`}>
          {warning.customer_name}
        </Link>
        <div className="k-small k-muted">
          {warning.last_order_on ? (
            <>
              {t("warnings.last")} <Day value={warning.last_order_on} />
              <Dot />
              {t("warnings.without", { count: daysBetween(warning.last_order_on, today()) })}
            </>
          ) : (
            t("warnings.never")
          )}
        </div>
        {open && (
          <InPlaceForm
            service="customer"
            operation="reprieve_churn_warning"
            read="get_churn_warning"
            path={{ warning_id: warning.id }}
            fields={["measure"]}
            onClose={() => setOpen(false)}
          />
        )}
      </div>
      {!open && warning.actions.includes("reprieve_churn_warning") && (
        <Button size="small" onClick={() => setOpen(true)}>
          {t("warnings.reprieve")}
        </Button>
      )}
    </div>
  );
}
