import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { Panel } from "../../ui/Panel.tsx";
import { RecordPage, RecordState } from "../../ui/record/RecordPage.tsx";
import { type Operation, permissionLabel, type Role, roleLabel, scopeLabel, useOperations } from "./api.ts";
import { byResource } from "./rules.ts";

export default function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation("roles");
  const may = useMay();
  const reading = useLoaded("auth", "get_role", { path: { role_id: id } });
  if (!reading.data) return <RecordState reading={reading} />;
  const role = reading.data.data as Role;
  return (
    <RecordPage
      list={{ path: "/roles", label: t("title") }}
      number={role.name}
      name={roleLabel(role)}
      context={t("count", { count: Object.keys(role.permissions).length })}
      actions={
        may("user:read") && (
          <Link to="/users" search={{ role: role.name } as never}>
            {t("people")}
          </Link>
        )
      }
      tabs={[{ key: "permissions", label: t("permissions"), content: <Permissions role={role} /> }]}
    />
  );
}

/** What the role may do, by what it is about, with the operations of the API behind each. */
function Permissions({ role }: { role: Role }) {
  const { t } = useTranslation("roles");
  const operations = useOperations();
  return (
    <div className="k-stack">
      {byResource(Object.keys(role.permissions).sort()).map(({ resource, permissions }) => (
        <Panel
          key={resource}
          title={t(`resources.${resource}`, { defaultValue: resource })}
          count={permissions.length}
        >
          <ul>
            {permissions.map((name) => (
              <li key={name} className="k-item">
                <div className="k-space">
                  {permissionLabel(name)}
                  <OperationList operations={operations.get(name) ?? []} />
                </div>
                <span className="k-muted">{scopeLabel(role.permissions[name] ?? "")}</span>
              </li>
            ))}
          </ul>
        </Panel>
      ))}
    </div>
  );
}

function OperationList({ operations }: { operations: Operation[] }) {
  const { t } = useTranslation("roles");
  if (operations.length === 0) return null;
  return (
    <details className="k-small k-muted">
      <summary style={{ minHeight: 24, width: "fit-content" }}>
        {t("operations", { count: operations.length })}
      </summary>
      <ul>
        {operations.map(({ method, path }) => (
          <li key={`${method} ${path}`} style={{ overflowWrap: "anywhere" }}>
            <code>{`${method} ${path}`}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
