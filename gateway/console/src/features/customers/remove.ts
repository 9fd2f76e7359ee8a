import { useNavigate } from "@tanstack/react-router";
import { App } from "antd";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { Problem } from "../../api/problem.ts";
import { type Act, useAct } from "../../api/queries.ts";
import { useFault, useSaved } from "../../ui/feedback.ts";
import type { Customer, CustomerItem } from "./api.ts";

interface Asking {
  title: string;
  question: string;
  ok: string;
  act: Act;
  /** A refusal that a second question may overrule, what it asks, and what is then called. */
  refusal: string;
  ask: (problem: Problem) => string;
  insist: Act;
  danger?: boolean;
  done: (answer: any) => void;
}

/** Call an operation after a question, and once more after another where the answer asks for it. */
function useAsking() {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const act = useAct("customer");
  const saved = useSaved();
  const fault = useFault();
  return (asking: Asking) => {
    const { title, ok, danger = false } = asking;
    const run = async (one: Act) => {
      try {
        const { data } = await act.mutateAsync(one);
        saved();
        asking.done(data);
      } catch (problem) {
        if (one !== asking.act || !(problem instanceof Problem) || problem.code !== asking.refusal)
          return fault(problem);
        ask(asking.ask(problem), asking.insist);
      }
    };
    const ask = (content: string, next: Act) =>
      modal.confirm({
        title,
        content,
        okText: ok,
        cancelText: t("cancel"),
        okButtonProps: { danger },
        onOk: () => run(next),
      });
    ask(asking.question, asking.act);
  };
}

/** Delete a customer; where work is open for it, ask once more. */
export function useDelete(): (loaded: Loaded<Customer>) => void {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const ask = useAsking();
  return ({ data: row, etag }) => {
    const act = { operation: "delete_customer", path: { customer_id: row.id }, etag };
    ask({
      title: t("delete.title", { name: row.name }),
      question: t("delete.sure"),
      ok: t("actions.delete_customer"),
      danger: true,
      act,
      refusal: "customer-has-open-work",
      ask: ({ params }) => t("delete.openWork", params as { requests: number; opportunities: number }),
      insist: { ...act, query: { allow_open_work: true } },
      done: () => navigate({ to: "/customers", search: {} }),
    });
  };
}

/** Restore a deleted customer; where another has its name by now, ask once more. */
export function useRestore(): (row: CustomerItem) => void {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const ask = useAsking();
  return (row) => {
    const act = { operation: "restore_customer", path: { customer_id: row.id }, body: {} };
    ask({
      title: t("restore.title", { name: row.name }),
      question: t("restore.sure"),
      ok: t("actions.restore_customer"),
      act,
      refusal: "duplicate-customer",
      ask: ({ message }) => t("restore.duplicate", { message }),
      insist: { ...act, body: { allow_duplicate: true } },
      done: () => navigate({ to: `/customers/${row.id}`, search: {} }),
    });
  };
}
