import { EditOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useAddress } from "../../ui/list/state.ts";
import type { Action } from "../../ui/record/Actions.tsx";
import type { ServiceRequest } from "./api.ts";

/** How a new request gets to somebody who handles it: the next step of one that is not assigned. */
export function useStartActions(row: ServiceRequest): Action[] {
  const { t } = useTranslation("requests");
  const { change } = useAddress();
  const assigns = row.actions.includes("assign_request");
  // Who takes it goes on with it at once.
  const taken = { done: () => change({ form: "handle_request" }, true) };
  return [
    { operation: "take_request", label: t("actions.take_request"), primary: !assigns, direct: taken },
    { operation: "assign_request", label: t("actions.assign_request"), primary: true },
  ];
}

/** What else may be done. Handling and feedback stand in the round that they belong to. */
export function useMoreActions(row: ServiceRequest): Action[] {
  const { t } = useTranslation("requests");
  const label = (operation: string) => t(`actions.${operation}` as never) as string;
  return [
    ...(row.status === "created" ? [] : [{ operation: "assign_request", label: t("reassign") }]),
    { operation: "correct_request", label: label("correct_request"), icon: <EditOutlined /> },
    { operation: "withdraw_request", label: label("withdraw_request"), danger: true },
    { operation: "close_request", label: label("close_request"), rare: true },
    { operation: "cancel_request", label: label("cancel_request"), danger: true, rare: true },
  ];
}
