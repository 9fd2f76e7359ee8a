import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Drawer } from "antd";
import { useTranslation } from "react-i18next";
import { contractOf, loadContracts, type Schema, type Service, schemaOf, text } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { usePhone } from "../../lib/screen.ts";
import { useAddress } from "../../ui/list/state.ts";
import { Facts } from "../../ui/record/Facts.tsx";
import { RecordState } from "../../ui/record/RecordPage.tsx";
import { Moment, Value } from "../../ui/Values.tsx";
import { type AuditEntry, pageOf, useNames } from "./api.ts";
import { schemaNames } from "./rules.ts";

/** One entry beside the list: who did what, and each field before and after. */
export function Entry({ id }: { id: string }) {
  const { t } = useTranslation("audit");
  const { change } = useAddress();
  const phone = usePhone();
  const reading = useLoaded("auth", "get_audit_entry", { path: { audit_entry_id: id } });
  return (
    <Drawer
      open
      title={t("entry")}
      size={phone ? "100%" : 600}
      onClose={() => change({ of: undefined }, true)}
    >
      {reading.data ? <Content entry={reading.data.data as AuditEntry} /> : <RecordState reading={reading} />}
    </Drawer>
  );
}

function Content({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation("audit");
  const { set } = useAddress();
  const names = useNames();
  const page = pageOf(entry);
  return (
    <div className="k-stack">
      <Facts
        schema={schemaOf("auth", "AuditEntry")}
        row={entry}
        facts={[
          { name: "occurred_at", render: <Moment value={entry.occurred_at} /> },
          { name: "actor_name", label: t("actor") },
          "actor_kind",
          { name: "action", render: names.action(entry.action) },
          "outcome",
          "code",
          { name: "record_type", render: names.record(entry.record_type) },
          {
            name: "record_id",
            render: page ? (
              <Link to={page} search={{}}>
                {entry.record_id}
              </Link>
            ) : undefined,
          },
          { name: "service", render: names.service(entry.service) },
          "operation",
          "request_id",
        ]}
      />
      {entry.changes.length > 0 && <ChangeTable entry={entry} />}
      <div className="k-wrap">
        {entry.record_id && (
          <Button onClick={() => set({ record_id: entry.record_id as string })}>{t("sameRecord")}</Button>
        )}
        {entry.request_id && (
          <Button onClick={() => set({ request_id: entry.request_id as string })}>{t("sameRequest")}</Button>
        )}
      </div>
    </div>
  );
}

/** The fields that were changed, under the names that the record's own contract gives them. */
function ChangeTable({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation("audit");
  const schema = useRecordSchema(entry);
  const field = (name: string) => schema?.fields[name];
  return (
    <table className="k-plain">
      <thead>
        <tr>
          <th>{t("field")}</th>
          <th>{t("before")}</th>
          <th>{t("after")}</th>
        </tr>
      </thead>
      <tbody>
        {entry.changes.map(({ field: name, old, new: now }) => (
          <tr key={name}>
            <td>{text(field(name)?.label, name)}</td>
            <td className="k-muted">
              <Value name={name} field={field(name)} row={{ [name]: old }} />
            </td>
            <td>
              <Value name={name} field={field(name)} row={{ [name]: now }} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function useRecordSchema({ service, record_type }: AuditEntry): Schema | undefined {
  const { data } = useQuery({
    queryKey: ["contract", service],
    queryFn: async () => {
      await loadContracts([service as Service]);
      return contractOf(service as Service);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const name = schemaNames(record_type).find((one) => data && one in data.schemas);
  return name ? data?.schemas[name] : undefined;
}
