import { Table } from "antd";
import { useTranslation } from "react-i18next";
import { useLoaded } from "../../api/queries.ts";
import { RecordState } from "../../ui/record/RecordPage.tsx";
import { Nothing } from "../../ui/Values.tsx";
import { permissionLabel, type Role, roleLabel, scopeLabel, useOperations } from "./api.ts";
import { byResource } from "./rules.ts";

/** Which role may do what, for whose records: a row for each permission. */
export function Matrix() {
  const { t } = useTranslation("roles");
  const operations = useOperations();
  const reading = useLoaded("auth", "list_roles", { query: { limit: 200 } } as never);
  if (!reading.data) return <RecordState reading={reading} />;
  const roles = (reading.data.data as unknown as { items: Role[] }).items;
  const groups = byResource([...operations.keys()]);
  return (
    <div className="k-scroll">
      <Table
        aria-label={t("showMatrix")}
        size="small"
        pagination={false}
        rowKey="name"
        scroll={{ x: 220 + roles.length * 120 }}
        dataSource={groups.flatMap(({ permissions }) => permissions.map((name) => ({ name })))}
        columns={[
          {
            key: "name",
            title: t("permission"),
            width: 220,
            fixed: "start",
            render: (_, { name }) => <span title={name}>{permissionLabel(name)}</span>,
          },
          ...roles.map((role) => ({
            key: role.id,
            title: roleLabel(role),
            width: 120,
            render: (_: unknown, { name }: { name: string }) => {
              const scope = role.permissions[name];
              return scope ? scopeLabel(scope) : <Nothing />;
            },
          })),
        ]}
      />
    </div>
  );
}
