import { useTranslation } from "react-i18next";
import { Meter } from "../../ui/Meter.tsx";
import { Steps } from "../../ui/record/Steps.tsx";
import { useStages } from "./api.ts";

/** How far a stage is: small blocks, and its name beside them. */
export function StageMeter({ code }: { code: string | null | undefined }) {
  const stages = useStages();
  const open = stages.filter((stage) => stage.type === "open");
  const at = open.findIndex((stage) => stage.code === code);
  const label = stages.find((stage) => stage.code === code)?.label ?? code;
  if (!code) return <span className="k-muted">—</span>;
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {at >= 0 && <Meter length={open.length} at={at} />}
      {label}
    </span>
  );
}

interface Properties {
  code: string | null | undefined;
  /** Missing where the stage may not be changed now. */
  onMove?: ((stage: string) => void) | undefined;
}

/** The stages of an opportunity in their order; choosing one moves it there. */
export function StageBar({ code, onMove }: Properties) {
  const { t } = useTranslation("opportunities");
  const stages = useStages().filter((stage) => stage.type === "open");
  const at = stages.findIndex((stage) => stage.code === code);
  if (at < 0) return null;
  return (
    <Steps
      label={t("lane")}
      steps={stages.map((stage) => ({ key: stage.code, label: stage.label }))}
      at={at}
      onMove={onMove}
    />
  );
}
