import { Steps } from "antd";
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
      {at >= 0 && (
        <span className="k-meter" aria-hidden>
          {open.map((stage, index) => (
            <i key={stage.code} data-on={index <= at || undefined} />
          ))}
        </span>
      )}
      {label}
    </span>
  );
}

interface Properties {
  code: string | null | undefined;
  /** Missing where the stage may not be changed now. */
  onMove?: ((stage: string) => void) | undefined;
}

/** The stages of an opportunity in their order; clicking one moves it there. */
export function StageBar({ code, onMove }: Properties) {
  const stages = useStages().filter((stage) => stage.type === "open");
  const at = stages.findIndex((stage) => stage.code === code);
  if (at < 0) return null;
  return (
    <div style={{ padding: "0 24px", overflowX: "auto" }}>
      <Steps
        type="panel"
        size="small"
        responsive={false}
        current={at}
        items={stages.map((stage) => ({ title: stage.label }))}
        {...(onMove && {
          onChange: (index: number) => stages[index] && index !== at && onMove(stages[index].code),
        })}
      />
    </div>
  );
}
