import { DeleteOutlined, EditOutlined, StarOutlined } from "@ant-design/icons";
import { Alert, Drawer, Skeleton, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { schemaOf, text } from "../../api/contract.ts";
import { useChange, useLoaded } from "../../api/queries.ts";
import { usePhone } from "../../lib/screen.ts";
import { useFault, useProblemText, useSaved } from "../../ui/feedback.ts";
import { useAddress } from "../../ui/list/state.ts";
import { type Action, Actions } from "../../ui/record/Actions.tsx";
import { Changes } from "../../ui/record/Changes.tsx";
import { type Fact, Facts } from "../../ui/record/Facts.tsx";
import type { Contact } from "./api.ts";
import { EditForm } from "./Form.tsx";

interface Path {
  customer_id: string;
  contact_id: string;
}

/** One contact beside the customer's page: who it is, how to reach them, what was changed. */
export function ContactDrawer({ path }: { path: Path }) {
  const { change } = useAddress();
  const words = useProblemText();
  const phone = usePhone();
  const { data: loaded, error, isPending } = useLoaded("customer", "get_contact", { path });
  const { fields } = schemaOf("customer", "Contact");
  return (
    <Drawer
      open
      size={phone ? "100%" : 560}
      title={
        <span className="k-row">
          {loaded?.data.name}
          {loaded?.data.is_primary && <Tag>{text(fields.is_primary?.label)}</Tag>}
        </span>
      }
      onClose={() => change({ contact: undefined }, true)}
    >
      {loaded && <Content path={path} loaded={loaded} />}
      {isPending && <Skeleton paragraph={{ rows: 6 }} />}
      {error && <Alert type="warning" showIcon title={words(error)} />}
    </Drawer>
  );
}

function Content({ path, loaded }: { path: Path; loaded: Loaded<Contact> }) {
  const { t } = useTranslation("contacts");
  const row = loaded.data;
  const schema = schemaOf("customer", "Contact");
  return (
    <div className="k-stack">
      <Actions
        service="customer"
        path={{ ...path }}
        allowed={row.actions}
        actions={useActions(path, loaded)}
      />
      <Facts schema={schema} row={row} facts={facts(row)} />
      <section className="k-stack">
        <h2>{t("changes")}</h2>
        <Changes service="customer" operation="list_contact_changes" path={{ ...path }} schema={schema} />
      </section>
      {row.actions.includes("update_contact") && <EditForm path={path} loaded={loaded} />}
    </div>
  );
}

function useActions(path: Path, { data: row, etag }: Loaded<Contact>): Action[] {
  const { t } = useTranslation("contacts");
  const { change } = useAddress();
  const { mutateAsync } = useChange("customer", "update_contact");
  const saved = useSaved();
  const fault = useFault();
  const makePrimary = () =>
    mutateAsync({ path, body: { is_primary: true }, etag }).then(() => saved(), fault);
  const edit = { operation: "update_contact", label: t("edit"), icon: <EditOutlined /> };
  const primary = { ...edit, label: t("makePrimary"), icon: <StarOutlined />, run: makePrimary };
  return [
    edit,
    ...(row.is_primary ? [] : [primary]),
    {
      operation: "delete_contact",
      label: t("delete"),
      icon: <DeleteOutlined />,
      danger: true,
      direct: {
        question: t("deleteSure", { name: row.name }),
        etag,
        done: () => change({ contact: undefined }, true),
      },
    },
  ];
}

/** How to reach somebody comes first; what is empty is left out, but for what every contact should have. */
function facts(row: Contact): Fact[] {
  const call = (number: string | null) => number && <a href={`tel:${number}`}>{number}</a>;
  const optional = [
    "fax",
    "birthday",
    "reports_to_id",
    "category",
    "product_interest",
    "preferences",
    "contact_consent",
    "remark",
  ] as const;
  return [
    "gender",
    "title",
    "department",
    { name: "office_phone", render: call(row.office_phone) },
    { name: "mobile", render: call(row.mobile) },
    { name: "email", render: row.email && <a href={`mailto:${row.email}`}>{row.email}</a> },
    "wechat",
    ...optional.filter((name) => row[name] !== null),
    ...(row.tags.length > 0 ? ["tags"] : []),
    "created_by",
    "updated_at",
  ];
}
