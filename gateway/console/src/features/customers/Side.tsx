import { Link } from "@tanstack/react-router";
import { Tag } from "antd";
import { useTranslation } from "react-i18next";
import { schemaOf, text } from "../../api/contract.ts";
import { Panel } from "../../ui/Panel.tsx";
import { Avatar, Person } from "../../ui/Person.tsx";
import { Facts } from "../../ui/record/Facts.tsx";
import { Dot } from "../../ui/Values.tsx";
import { type Contact, contactPath, useContacts } from "../contacts/api.ts";
import type { Customer } from "./api.ts";

/** Contacts that stand beside every tab. */
const FEW = 4;

export function Side({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  return (
    <>
      <People row={row} />
      <Panel title={t("people")}>
        <div className="k-panel-body">
          <Facts
            schema={schemaOf("customer", "Customer")}
            row={row}
            facts={[
              { name: "manager_id", render: <Person name={row.manager_name} /> },
              "sales_codes",
              ...(row.churn_months ? ["churn_months"] : []),
              "created_by",
              "created_at",
              "updated_by",
              "updated_at",
            ]}
          />
        </div>
      </Panel>
    </>
  );
}

function People({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  const contacts = useContacts(row.id);
  const shown = contacts.slice(0, FEW);
  return (
    <Panel
      title={t("tabs.contacts")}
      count={row.contact_count}
      extra={
        <Link to="." search={{ tab: "contacts" }} resetScroll={false}>
          {t("contacts.all")}
        </Link>
      }
    >
      {contacts.length === 0 && row.contact_count === 0 && (
        <p className="k-panel-body k-muted">{t("contacts.none")}</p>
      )}
      {shown.map((contact) => (
        <ContactLine key={contact.id} contact={contact} />
      ))}
    </Panel>
  );
}

function ContactLine({ contact }: { contact: Contact }) {
  const { fields } = schemaOf("customer", "Contact");
  const phone = contact.mobile ?? contact.office_phone;
  return (
    <div className="k-item">
      <Avatar name={contact.name} />
      <div className="k-space">
        <div className="k-wrap" style={{ rowGap: 2 }}>
          <Link {...contactPath(contact)}>
            <b>{contact.name}</b>
          </Link>
          {contact.is_primary && <Tag>{text(fields.is_primary?.label)}</Tag>}
        </div>
        <div className="k-small k-muted k-ellipsis">
          {[contact.title, contact.department].filter(Boolean).map((fact, index) => (
            <span key={fact}>
              {index > 0 && <Dot />}
              {fact}
            </span>
          ))}
        </div>
      </div>
      {phone && <a href={`tel:${phone}`}>{phone}</a>}
    </div>
  );
}
