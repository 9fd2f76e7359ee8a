import { App } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem.ts";
import { speak } from "./announcer.tsx";

/** Say that a change was saved. */
export function useSaved(): (detail?: string) => void {
  const { notification } = App.useApp();
  const { t } = useTranslation();
  return useCallback(
    (detail?: string) => {
      notification.success({ title: t("saved"), description: detail, duration: 4, role: "status" });
      speak([t("saved"), detail].filter(Boolean).join(" "));
    },
    [notification, t],
  );
}

/** The sentence about a problem: the API's own, or what the missing answer means. */
export function useProblemText(): (problem: unknown) => string {
  const { t } = useTranslation();
  return useCallback(
    (problem: unknown) => {
      if (!(problem instanceof Problem)) return t("fault.what");
      if (problem.status === 0) return t("fault.unreachable");
      if (problem.unknownOutcome) return t("fault.unknown");
      return problem.message || t("fault.what");
    },
    [t],
  );
}

/** Say what went wrong with a button, which has no place of its own for it. It stays until it is closed. */
export function useFault(): (problem: unknown) => void {
  const { notification } = App.useApp();
  const { t } = useTranslation();
  const words = useProblemText();
  return useCallback(
    (problem: unknown) => {
      const text = words(problem);
      notification.error({ title: t("fault.notDone"), description: text, duration: 0, role: "alert" });
    },
    [notification, t, words],
  );
}
