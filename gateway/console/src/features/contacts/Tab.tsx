import { PlusOutlined } from "@ant-design/icons";
import { Button, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { schemaOf, text } from "../../api/contract.ts";
import type { Column } from "../../ui/list/columns.tsx";
import { Export } from "../../ui/list/Export.tsx";
import { Related } from "../../ui/list/Related.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { type Contact, contactAddress, MANY } from "./api.ts";
import { ContactDrawer } from "./Contact.tsx";
import { CreateForm } from "./Form.tsx";

/** The people at a customer; one opens beside the others. */
export default function Tab({ customer }: { customer: Schemas["customer"]["Customer"] }) {
  const { t } = useTranslation("contacts");
  const { search, change } = useAddress();
  const path = { customer_id: customer.id };
  return (
    <div className="k-stack">
      <div className="k-wrap">
        {customer.actions.includes("create_contact") && (
          <Button icon={<PlusOutlined />} onClick={() => change({ form: "create_contact" })}>
            {t("create")}
          </Button>
        )}
        <span className="k-space" />
        <Export service="customer" operation="export_contacts" path={path} query={{}} small />
      </div>
      <Related
        service="customer"
        operation="list_contacts"
        path={path}
        query={MANY}
        label={t("title")}
        empty={t("empty")}
        to={(row) => contactAddress(row as Contact)}
        columns={columns()}
      />
      {search.contact && <ContactDrawer path={{ ...path, contact_id: search.contact }} />}
      <CreateForm customer={customer.id} />
    </div>
  );
}

function columns(): Column<Contact>[] {
  const { fields } = schemaOf("customer", "Contact");
  return [
    {
      key: "name",
      width: 176,
      strong: true,
      render: (row) => (
        <span className="k-row">
          {row.name}
          {row.is_primary && <Tag>{text(fields.is_primary?.label)}</Tag>}
        </span>
      ),
    },
    { key: "gender", width: 64 },
    { key: "title", width: 112 },
    { key: "office_phone", width: 132 },
    { key: "mobile", width: 132 },
    { key: "email", width: 176 },
  ];
}
