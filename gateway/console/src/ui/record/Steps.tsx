import { Steps as Bar, Select } from "antd";
import type { ReactNode } from "react";
import { usePhone } from "../../lib/screen.ts";
import { Meter } from "../Meter.tsx";

interface Step {
  key: string;
  label: string;
  /** Beside the name, where there is room. */
  note?: ReactNode;
}

interface Properties {
  /** What the steps are, for screen readers and on phones. */
  label: string;
  steps: Step[];
  /** The present one. */
  at: number;
  /** Whether all of them are over. */
  ended?: boolean;
  /** Missing where the record may not be moved now. */
  onMove?: ((key: string) => void) | undefined;
}

/** The steps of a record in their order. On phones the present one stands for all. */
export function Steps(properties: Properties) {
  return usePhone() ? <PresentStep {...properties} /> : <AllSteps {...properties} />;
}

function AllSteps({ label, steps, at, ended, onMove }: Properties) {
  return (
    // In a narrow window it scrolls, by keyboard, too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="k-steps" tabIndex={0} aria-label={label}>
      <Bar
        type="panel"
        size="small"
        responsive={false}
        current={at}
        {...(ended && { status: "finish" as const })}
        items={steps.map((step) => ({ title: step.label, subTitle: step.note }))}
        {...(onMove && {
          onChange: (index: number) => steps[index] && index !== at && onMove(steps[index].key),
        })}
      />
    </section>
  );
}

function PresentStep({ label, steps, at, onMove }: Properties) {
  const present = steps[at];
  return (
    <section className="k-steps k-row" aria-label={label}>
      <Meter length={steps.length} at={at} />
      {onMove ? (
        <Select
          style={{ flex: 1 }}
          aria-label={label}
          value={present?.key}
          options={steps.map((step) => ({ value: step.key, label: step.label }))}
          onChange={(key) => key && onMove(key)}
        />
      ) : (
        <b className="k-space">{present?.label}</b>
      )}
      <span className="k-small k-muted">
        {at + 1} / {steps.length}
      </span>
    </section>
  );
}
