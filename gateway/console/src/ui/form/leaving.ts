import { useBlocker } from "@tanstack/react-router";
import { App, type FormInstance } from "antd";
import { useTranslation } from "react-i18next";
import type { ListState } from "../list/state.ts";

/** Parts of the address that say which record or part of a page is shown, and so which form stands in it. */
const PLACE = ["open", "tab", "show"];
/** Those of a form that the address itself has opened. */
const OPENED = [...PLACE, "form", "of"];

interface Location {
  pathname: string;
  search: ListState;
}

/** Whether a form for this operation is no longer there after going on. */
export function isLeft(operation: string, current: Location, next: Location): boolean {
  const names = current.search.form === operation ? OPENED : PLACE;
  return (
    current.pathname !== next.pathname || names.some((name) => current.search[name] !== next.search[name])
  );
}

/** Ask before what was typed gets lost: by a link, by Back, by closing the form or the window. */
export function useLeaving(form: FormInstance, operation: string): void {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const ask = () =>
    modal.confirm({
      title: t("form.leave"),
      content: t("form.lost"),
      okText: t("form.discard"),
      cancelText: t("form.stay"),
      okButtonProps: { danger: true },
    });
  useBlocker({
    shouldBlockFn: async ({ current, next }) =>
      form.isFieldsTouched() &&
      isLeft(operation, current as unknown as Location, next as unknown as Location) &&
      !(await ask()),
    enableBeforeUnload: () => form.isFieldsTouched(),
  });
}

/** What was typed is saved: it may be left. */
export function settleFields(form: FormInstance): void {
  form.setFields(Object.keys(form.getFieldsValue()).map((name) => ({ name, touched: false })));
}
