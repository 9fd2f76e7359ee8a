import { DeleteOutlined, RedoOutlined } from "@ant-design/icons";
import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { codeText, type Service, schemaOf } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { newKey } from "../../lib/keys.ts";
import type { BulkAction } from "../../ui/list/Bulk.tsx";
import type { Column } from "../../ui/list/columns.tsx";
import { DataList } from "../../ui/list/DataList.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Status } from "../../ui/Status.tsx";
import { callAny, type DeadLetter, MARKS, SERVICES } from "./api.ts";

/** The events that a service could not process, one service at a time. */
export default function List() {
  const { t } = useTranslation("dead-letters");
  const { search, set } = useAddress();
  const service = SERVICES.find((one) => one === search.tab) ?? (SERVICES[0] as Service);
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-muted">{t("context")}</span>
      </header>
      <Tabs
        activeKey={service}
        onChange={(tab) => set({ tab })}
        items={SERVICES.map((one) => ({
          key: one,
          label: <ServiceName service={one} counted={one !== service} />,
        }))}
      />
      <DataList
        key={service}
        name="dead-letters"
        service={service}
        operation="list_dead_letters"
        label={t("title")}
        columns={useColumns(service)}
        filters={["state", "type", "handler", "code", "created_at"]}
        to={(row) => `/dead-letters/${service}/${row.id}`}
        bulk={useBulk(service)}
        empty={<p>{t("empty")}</p>}
      />
      <p className="k-head k-small k-muted">{t("unrouted")}</p>
    </div>
  );
}

/** The service, with how many events wait there; those of the service that is shown are counted by its list. */
function ServiceName({ service, counted }: { service: Service; counted: boolean }) {
  const { t } = useTranslation();
  const { data } = useLoaded(service as "auth", "list_dead_letters", {
    query: { limit: 1 },
    enabled: counted,
  } as never);
  const total = (data?.data as { total: number | null } | undefined)?.total;
  return (
    <>
      {t(`services.${service}`)}
      {total ? <span className="k-small k-muted"> {total}</span> : null}
    </>
  );
}

function useColumns(service: Service): Column<DeadLetter>[] {
  const { t } = useTranslation("dead-letters");
  const { fields } = schemaOf(service, "DeadLetter");
  return [
    { key: "type", width: 260, strong: true, render: (row) => row.type || t("noType") },
    {
      key: "state",
      width: 110,
      render: (row) => <Status mark={MARKS[row.state]}>{codeText(fields.state, row.state)}</Status>,
    },
    { key: "explanation", width: 300 },
    { key: "reason", width: 300 },
    { key: "handler", width: 240 },
    { key: "attempts", width: 96 },
    { key: "created_at", width: 140 },
    { key: "next_attempt_at", width: 140 },
    { key: "code", optional: true, width: 160, render: (row) => row.code },
    { key: "source", optional: true, width: 160 },
    { key: "publisher", optional: true, width: 140 },
    { key: "route", optional: true, width: 220 },
    { key: "event_id", optional: true, width: 300 },
  ];
}

function useBulk(service: Service): BulkAction[] {
  const { t } = useTranslation("dead-letters");
  const icons = { replay_dead_letter: <RedoOutlined />, discard_dead_letter: <DeleteOutlined /> };
  return (["replay_dead_letter", "discard_dead_letter"] as const).map((operation) => ({
    key: operation,
    label: t(`actions.${operation}`),
    icon: icons[operation],
    allowed: (row) => row.actions.includes(operation),
    name: (row) => row.type || t("noType"),
    run: (row) => callAny(service, operation, row.id, newKey()),
  }));
}
