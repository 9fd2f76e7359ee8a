import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { usePhone } from "../../lib/screen.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { Grid } from "../../ui/list/Grid.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { useDirect } from "../../ui/record/Actions.tsx";
import { RecordState } from "../../ui/record/RecordPage.tsx";
import { type Department, useDepartments } from "./api.ts";
import { CreateForm, EditForm } from "./Form.tsx";
import { inTree } from "./rules.ts";

type Row = Department & { depth: number };

/** The departments, each below the one it belongs to. */
export default function List() {
  const { t } = useTranslation("departments");
  const may = useMay();
  const { search, change } = useAddress();
  const reading = useDepartments();
  if (!reading.data) return <RecordState reading={reading} />;
  const edited = reading.data.find((one) => one.id === search.of);
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        {may("department:create") && (
          <Button
            type="primary"
            icon={<PlusOutlined />}
            onClick={() => change({ form: "create_department" })}
          >
            {t("create")}
          </Button>
        )}
      </header>
      {reading.data.length === 0 ? (
        <div className="k-empty" role="status">
          <p>{t("empty")}</p>
        </div>
      ) : (
        <Tree departments={reading.data} />
      )}
      <CreateForm />
      {edited && <EditForm id={edited.id} />}
    </div>
  );
}

function Tree({ departments }: { departments: Department[] }) {
  const { t } = useTranslation("departments");
  const may = useMay();
  const phone = usePhone();
  const columns: Column<Row>[] = [
    {
      key: "name",
      width: phone ? 220 : 560,
      strong: true,
      render: (row) => <span style={{ paddingInlineStart: row.depth * 20 }}>{row.name}</span>,
    },
    {
      key: "people",
      title: t("people"),
      render: (row) =>
        may("user:read") && (
          <Link to="/users" search={{ department_id: row.id } as never}>
            {t("showPeople")}
          </Link>
        ),
    },
    { key: "updated_at", width: 140 },
    {
      key: "actions",
      title: t("common:record.actions"),
      width: 104,
      render: (row) => <RowActions row={row} />,
    },
  ];
  return (
    <Grid
      label={t("title")}
      schema={schemaOf("auth", "Department")}
      rows={inTree(departments).map(({ department, depth }) => ({ ...department, depth }))}
      columns={phone ? columns.filter(({ key }) => key === "name" || key === "actions") : columns}
    />
  );
}

function RowActions({ row }: { row: Department }) {
  const { t } = useTranslation("departments");
  const { change } = useAddress();
  const path = { department_id: row.id };
  const direct = useDirect("auth", path);
  const remove = async () => {
    const { etag } = await call("auth", "get_department", { path });
    direct({
      operation: "delete_department",
      label: t("delete", { name: row.name }),
      danger: true,
      direct: { question: t("deleteSure"), etag },
    });
  };
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {row.actions.includes("update_department") && (
        <Button
          type="text"
          size="small"
          icon={<EditOutlined />}
          aria-label={t("editOf", { name: row.name })}
          onClick={() => change({ form: "update_department", of: row.id })}
        />
      )}
      {row.actions.includes("delete_department") && (
        <Button
          type="text"
          size="small"
          icon={<DeleteOutlined />}
          aria-label={t("delete", { name: row.name })}
          onClick={remove}
        />
      )}
    </span>
  );
}
