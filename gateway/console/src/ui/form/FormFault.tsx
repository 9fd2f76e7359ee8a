import { Alert, Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../../api/problem.ts";
import { useProblemText } from "../feedback.ts";
import type { Insist } from "./OperationForm.tsx";

/** Why a form was not saved, and, where another try makes sense, the button for it. */
export function FormFault({
  fault,
  creates,
  onAgain,
  insist,
  onInsist,
}: {
  fault: Problem;
  creates: boolean;
  onAgain: () => void;
  insist: Insist | undefined;
  onInsist: () => void;
}) {
  const { t } = useTranslation();
  const words = useProblemText();
  const [left, setLeft] = useState(fault.retryAfter ?? 0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  const title = fault.unknownOutcome ? t(creates ? "fault.unknownCreate" : "fault.unknown") : words(fault);
  return (
    <Alert
      type={fault.unavailable ? "warning" : "error"}
      showIcon
      role="alert"
      title={title}
      description={insist?.about?.(fault)}
      action={
        fault.unavailable ? (
          <Button size="small" disabled={left > 0} onClick={onAgain}>
            {left > 0 ? t("fault.againIn", { count: left }) : t("fault.again")}
          </Button>
        ) : (
          insist && (
            <Button size="small" onClick={onInsist}>
              {insist.label}
            </Button>
          )
        )
      }
    />
  );
}
