import { EditOutlined, UserSwitchOutlined } from "@ant-design/icons";
import { useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { codeText, schemaOf } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useLoaded } from "../../api/queries.ts";
import { type Action, Actions } from "../../ui/record/Actions.tsx";
import { Changes } from "../../ui/record/Changes.tsx";
import { RecordPage, RecordState, type Tab } from "../../ui/record/RecordPage.tsx";
import { Status } from "../../ui/Status.tsx";
import { Dot } from "../../ui/Values.tsx";
import { ContactsTab } from "../contacts/api.ts";
import { type Customer, MARKS } from "./api.ts";
import { type Around, useAround } from "./around.ts";
import { ActForms, EditForm } from "./Form.tsx";
import { Lead } from "./Lead.tsx";
import { Losses } from "./Losses.tsx";
import { OrderDrawer, Orders } from "./Orders.tsx";
import { Overview } from "./Overview.tsx";
import { useDelete } from "./remove.ts";
import { Side } from "./Side.tsx";
import { Opportunities, Requests, Warnings } from "./tabs.tsx";

export default function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const reading = useLoaded("customer", "get_customer", { path: { customer_id: id } });
  if (!reading.data) return <RecordState reading={reading} />;
  return <Record key={id} loaded={reading.data} />;
}

function Record({ loaded }: { loaded: Loaded<Customer> }) {
  const { t } = useTranslation("customers");
  const row = loaded.data;
  const around = useAround(row.id);
  const actions = useActions(loaded);
  const tabs = useTabs(row, around);
  return (
    <>
      <RecordPage
        list={{ path: "/customers", label: t("title") }}
        number={row.number}
        name={row.name}
        status={<States row={row} warned={around.warning !== undefined} />}
        context={<Context row={row} />}
        actions={
          <Actions
            service="customer"
            path={{ customer_id: row.id }}
            allowed={row.actions}
            actions={actions}
          />
        }
        lead={<Lead row={row} around={around} />}
        tabs={tabs}
        aside={<Side row={row} />}
      />
      {row.actions.includes("update_customer") && <EditForm loaded={loaded} />}
      <ActForms row={row} />
      <OrderDrawer customer={row.id} />
    </>
  );
}

function States({ row, warned }: { row: Customer; warned: boolean }) {
  const { t } = useTranslation("customers");
  const { fields } = schemaOf("customer", "Customer");
  return (
    <span className="k-wrap">
      <Status tag mark={MARKS[row.status]}>
        {codeText(fields.status, row.status)}
      </Status>
      {warned && (
        <Status tag mark="warning">
          {t("warning.tag")}
        </Status>
      )}
    </span>
  );
}

function Context({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  const facts = [row.region, row.industry, row.manager_name ?? t("noManager")].filter(Boolean);
  return facts.map((fact, index) => (
    <span key={fact}>
      {index > 0 && <Dot />}
      {fact}
    </span>
  ));
}

function useTabs(row: Customer, around: Around): Tab[] {
  const { t } = useTranslation("customers");
  const may = useMay();
  const label = (key: string) => t(`tabs.${key}` as never) as string;
  const tabs: (Tab & { permission?: string })[] = [
    { key: "overview", label: label("overview"), content: <Overview row={row} around={around} /> },
    {
      key: "contacts",
      label: label("contacts"),
      count: row.contact_count,
      content: (
        <Suspense fallback={<Skeleton title={false} paragraph={{ rows: 5 }} />}>
          <ContactsTab customer={row} />
        </Suspense>
      ),
    },
    {
      key: "orders",
      label: label("orders"),
      ...(around.orders?.total !== undefined && { count: around.orders.total }),
      content: <Orders row={row} />,
    },
    {
      key: "requests",
      permission: "service-request:read",
      label: label("requests"),
      ...(around.requests && { count: around.requests.all }),
      content: <Requests row={row} />,
    },
    {
      key: "opportunities",
      permission: "opportunity:read",
      label: label("opportunities"),
      content: <Opportunities row={row} />,
    },
    {
      key: "warnings",
      permission: "churn-warning:read",
      label: label("warnings"),
      ...(around.warnings !== undefined && { count: around.warnings }),
      content: <Warnings row={row} />,
    },
    { key: "losses", label: label("losses"), content: <Losses customer={row.id} /> },
    {
      key: "changes",
      label: label("changes"),
      content: (
        <Changes
          service="customer"
          operation="list_customer_changes"
          path={{ customer_id: row.id }}
          schema={schemaOf("customer", "Customer")}
        />
      ),
    },
  ];
  return tabs.filter(({ permission }) => may(permission));
}

function useActions(loaded: Loaded<Customer>): Action[] {
  const { t } = useTranslation("customers");
  const remove = useDelete();
  const label = (operation: string) => t(`actions.${operation}` as never) as string;
  const rare = (operation: string, danger = false): Action => ({
    operation,
    label: label(operation),
    rare: true,
    danger,
  });
  return [
    { operation: "reactivate_customer", label: label("reactivate_customer"), primary: true },
    {
      operation: "reassign_customer",
      label: label("reassign_customer"),
      icon: <UserSwitchOutlined />,
    },
    { operation: "update_customer", label: t("edit"), icon: <EditOutlined /> },
    rare("link_sales_code"),
    ...(loaded.data.sales_codes.length > 0 ? [rare("unlink_sales_code")] : []),
    { ...rare("delete_customer", true), run: () => remove(loaded) },
  ];
}
