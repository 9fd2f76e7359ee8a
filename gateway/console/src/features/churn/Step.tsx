import { useTranslation } from "react-i18next";
import { daysBetween, today } from "../../lib/dates.ts";
import { Status } from "../../ui/Status.tsx";
import { Due, Nothing } from "../../ui/Values.tsx";
import type { Warning } from "./api.ts";

/** What is due on a warning and when: the first measure, or the next review. */
export function Step({ row }: { row: Warning }) {
  const { t } = useTranslation("churn");
  const day = row.state === "open" ? row.measure_due_on : row.next_review_on;
  if (!day) return <Nothing />;
  const left = daysBetween(today(), day);
  const words = (
    <span title={day}>
      {t(row.state === "open" ? "step.measure" : "step.review")} <Due day={day} />
    </span>
  );
  if (left > 1) return words;
  return <Status mark={left < 0 ? "late" : "due"}>{words}</Status>;
}
