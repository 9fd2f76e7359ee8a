import { useTranslation } from "react-i18next";
import { schemaOf } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import type { Row } from "../../ui/list/columns.tsx";
import { Grid } from "../../ui/list/Grid.tsx";
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
  const names = byResource([...operations.keys()]).flatMap(({ permissions }) => permissions);
  return (
    <Grid
      label={t("showMatrix")}
      schema={schemaOf("auth", "Role")}
      height={32}
      rows={names.map((name) => ({ id: name }))}
      columns={[
        { key: "id", title: t("permission"), width: 200, render: ({ id }) => permissionLabel(id) },
        ...roles.map((role) => ({
          key: role.name,
          title: roleLabel(role),
          width: 140,
          render: ({ id }: Row) => (role.permissions[id] ? scopeLabel(role.permissions[id]) : <Nothing />),
        })),
      ]}
    />
  );
}
