import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  DeleteOutlined,
  EditOutlined,
  MinusCircleOutlined,
  PlusOutlined,
} from "@ant-design/icons";
import { Button, Form, Input, Timeline } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/call.ts";
import { useAct, useLoaded } from "../../api/queries.ts";
import { daysBetween, today } from "../../lib/dates.ts";
import { useFault, useSaved } from "../../ui/feedback.ts";
import { DayField } from "../../ui/form/DayField.tsx";
import { InPlaceForm } from "../../ui/form/InPlaceForm.tsx";
import { useLeaving } from "../../ui/form/leaving.ts";
import { rulesOf } from "../../ui/form/rules.ts";
import { useDirect } from "../../ui/record/Actions.tsx";
import { Day, Due, Moment } from "../../ui/Values.tsx";
import type { Opportunity, PlanItem } from "./api.ts";

export function usePlan(id: string): PlanItem[] {
  const { data } = useLoaded("marketing", "list_plan_items", { path: { opportunity_id: id } });
  return (data?.data.items ?? []) as PlanItem[];
}

/** The development plan: what is to be done when, and what came of it. */
export function Plan({ row }: { row: Opportunity }) {
  const { t } = useTranslation("opportunities");
  const items = usePlan(row.id);
  return (
    <>
      {items.length === 0 && <p className="k-muted">{t("plan.empty")}</p>}
      <Timeline
        items={items.map((item) => ({
          key: item.id,
          icon: icon(item),
          content: <PlanEntry opportunity={row.id} item={item} />,
        }))}
      />
      {row.actions.includes("add_plan_item") && <AddItem id={row.id} />}
    </>
  );
}

function icon(item: PlanItem) {
  if (item.state === "executed") return <CheckCircleOutlined style={{ color: "var(--ant-color-success)" }} />;
  if (item.state === "not_executed") return <MinusCircleOutlined />;
  const late = daysBetween(today(), item.date) <= 0;
  return <ClockCircleOutlined style={{ color: late ? "var(--ant-color-warning)" : undefined }} />;
}

function PlanEntry({ opportunity, item }: { opportunity: string; item: PlanItem }) {
  const { t } = useTranslation("opportunities");
  const path = { opportunity_id: opportunity, item_id: item.id };
  const [open, setOpen] = useState<"result" | "edit">();
  const remove = useDirect("marketing", path);
  const may = (operation: string) => item.actions.includes(operation);
  const pending = item.state === "pending";
  const inPlace = {
    service: "marketing",
    read: "get_plan_item",
    path,
    onClose: () => setOpen(undefined),
  } as const;
  const discard = async () => {
    const { etag } = await call("marketing", "get_plan_item", { path });
    remove({
      operation: "delete_plan_item",
      label: t("plan.delete"),
      danger: true,
      direct: { question: t("plan.deleteSure"), etag },
    });
  };
  return (
    <div data-plan-item={item.id}>
      <div className="k-wrap">
        <b className={pending ? "" : "k-muted"}>
          <Day value={item.date} />
        </b>
        {pending && <Due day={item.date} />}
        <span className="k-space k-text k-own-line">{item.content}</span>
        {may("record_plan_item_result") && pending && !open && (
          <Button size="small" onClick={() => setOpen("result")}>
            {t("plan.result")}
          </Button>
        )}
        {may("edit_plan_item") && !open && (
          <Button
            size="small"
            type="text"
            icon={<EditOutlined />}
            aria-label={t("plan.edit")}
            onClick={() => setOpen("edit")}
          />
        )}
        {may("delete_plan_item") && !open && (
          <Button
            size="small"
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t("plan.delete")}
            onClick={discard}
          />
        )}
      </div>
      {item.result && (
        <p className="k-sunk k-text" style={{ marginTop: 6 }}>
          <span className="k-muted">{t("plan.outcome")}　</span>
          {item.result}
          {item.executed_at && (
            <span className="k-small k-muted">
              {" "}
              <Moment value={item.executed_at} />
            </span>
          )}
        </p>
      )}
      {open === "result" && (
        <InPlaceForm
          {...inPlace}
          operation="record_plan_item_result"
          fields={["result"]}
          submit={t("plan.saveResult")}
        />
      )}
      {open === "edit" && (
        <InPlaceForm
          {...inPlace}
          operation="edit_plan_item"
          partial
          fields={["date", { name: "content", wide: true }]}
        />
      )}
    </div>
  );
}

/** Date and content in one line, so that a plan of five items takes a minute. */
function AddItem({ id }: { id: string }) {
  const { t } = useTranslation("opportunities");
  const { t: common } = useTranslation();
  const [form] = Form.useForm<{ date: string; content: string }>();
  useLeaving(form, "add_plan_item");
  const act = useAct("marketing");
  const saved = useSaved();
  const fault = useFault();
  const add = async (body: { date: string; content: string }) => {
    try {
      await act.mutateAsync({ operation: "add_plan_item", path: { opportunity_id: id }, body });
      saved();
      form.resetFields();
      form.getFieldInstance("date")?.focus();
    } catch (problem) {
      fault(problem);
    }
  };
  const day = { kind: "date" };
  const words = { kind: "text", maxLength: 1000 };
  return (
    <Form form={form} className="k-add" onFinish={add} aria-label={t("plan.add")}>
      <Form.Item name="date" rules={rulesOf(day, true, common)} validateTrigger="onSubmit">
        <DayField aria-label={t("plan.date")} style={{ width: 150 }} />
      </Form.Item>
      <Form.Item
        name="content"
        rules={rulesOf(words, true, common)}
        validateTrigger="onSubmit"
        style={{ flex: 1 }}
      >
        <Input aria-label={t("plan.content")} placeholder={t("plan.contentHint")} maxLength={1000} />
      </Form.Item>
      <Button htmlType="submit" icon={<PlusOutlined />} loading={act.isPending}>
        {t("plan.add")}
      </Button>
    </Form>
  );
}
