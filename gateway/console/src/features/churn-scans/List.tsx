import { ScanOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { queryClient } from "../../api/queries.ts";
import { today } from "../../lib/dates.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { type Mark, Status } from "../../ui/Status.tsx";

type Scan = Schemas["customer"]["Scan"];

const MARKS: Record<string, Mark> = { queued: "new", running: "working", done: "done" };

/** Milliseconds until the list is read again while a scan is under way. */
const PAUSE = 2_000;

export default function List() {
  const { t } = useTranslation("churn-scans");
  const { change } = useAddress();
  const may = useMay();
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-muted">{t("context")}</span>
        <span className="k-space" />
        {may("churn-scan:create") && (
          <Button
            type="primary"
            icon={<ScanOutlined />}
            onClick={() => change({ form: "create_churn_scan" })}
          >
            {t("start")}
          </Button>
        )}
      </header>
      <DataList
        name="churn-scans"
        service="customer"
        operation="list_churn_scans"
        label={t("title")}
        columns={useColumns()}
        filters={["state"]}
      />
      <FormDrawer
        small
        title={t("start")}
        submit={t("start")}
        intro={t("intro")}
        service="customer"
        operation="create_churn_scan"
        initial={{ as_of: today() }}
        fields={["as_of"]}
        toast={() => t("started")}
      />
    </div>
  );
}

function useColumns(): Column<Scan>[] {
  const { t } = useTranslation("churn-scans");
  return [
    { key: "as_of", width: 128, strong: true },
    { key: "state", width: 120, render: (row) => <State row={row} /> },
    { key: "customers_looked_at", width: 140 },
    { key: "warnings_opened", width: 128 },
    { key: "without_manager", width: 128 },
    { key: "run_key", title: t("kind"), width: 160, render: (row) => row.run_key ?? t("byHand") },
    { key: "created_by_name", width: 140 },
    { key: "started_at", width: 140 },
    { key: "finished_at", width: 140, optional: true },
    { key: "seconds", width: 120 },
  ];
}

/** The state of a scan; one under way has the list read again until it is done. */
function State({ row }: { row: Scan }) {
  const field = schemaOf("customer", "Scan").fields.state;
  const done = row.state === "done";
  useEffect(() => {
    if (done) return;
    const timer = setInterval(
      () => queryClient.invalidateQueries({ queryKey: ["customer", "list_churn_scans"] }),
      PAUSE,
    );
    return () => clearInterval(timer);
  }, [done]);
  return <Status mark={MARKS[row.state]}>{codeText(field, row.state)}</Status>;
}
