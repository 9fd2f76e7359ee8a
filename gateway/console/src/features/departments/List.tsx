import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button, Table } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { schemaOf, text } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { useDirect } from "../../ui/record/Actions.tsx";
import { RecordState } from "../../ui/record/RecordPage.tsx";
import { Moment } from "../../ui/Values.tsx";
import { type Department, useDepartments } from "./api.ts";
import { CreateForm, EditForm } from "./Form.tsx";
import { inTree } from "./rules.ts";

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
  const { fields } = schemaOf("auth", "Department");
  return (
    <div className="k-scroll">
      <Table
        aria-label={t("title")}
        size="middle"
        pagination={false}
        rowKey={({ department }) => department.id}
        dataSource={inTree(departments)}
        columns={[
          {
            key: "name",
            title: text(fields.name?.label),
            className: "k-strong",
            render: (_, { department, depth }) => (
              <span style={{ paddingInlineStart: depth * 20 }}>{department.name}</span>
            ),
          },
          {
            key: "people",
            title: t("people"),
            width: 140,
            responsive: ["md"],
            render: (_, { department }) =>
              may("user:read") && (
                <Link to="/users" search={{ department_id: department.id } as never}>
                  {t("showPeople")}
                </Link>
              ),
          },
          {
            key: "updated_at",
            title: text(fields.updated_at?.label),
            width: 140,
            responsive: ["md"],
            render: (_, { department }) => <Moment value={department.updated_at} />,
          },
          {
            key: "actions",
            title: <span className="k-hidden">{t("common:record.actions")}</span>,
            width: 104,
            align: "end",
            render: (_, { department }) => <RowActions row={department} />,
          },
        ]}
      />
    </div>
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
