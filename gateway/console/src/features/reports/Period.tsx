import { CalendarOutlined, DownOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OperationId } from "../../api/call.ts";
import { operationOf, text } from "../../api/contract.ts";
import { locale } from "../../i18n/start.ts";
import { showDay, today } from "../../lib/dates.ts";
import { DayField } from "../../ui/form/DayField.tsx";
import { useAddress } from "../../ui/list/state.ts";
import { daysOf, presetOf, presets } from "./rules.ts";

/** The days of a period; open ends are said in words. */
export function usePeriodText(): (from: string | null | undefined, to: string | null | undefined) => string {
  const { t } = useTranslation("reports");
  const show = (day: string) => showDay(day, locale());
  return (from, to) => {
    if (from && to) return `${show(from)} – ${show(to)}`;
    if (from) return t("period.since", { day: show(from) });
    return to ? t("period.until", { day: show(to) }) : t("period.all");
  };
}

/** The period of a report as a chip: often wanted ones, and any two days. */
export function Period({ operation }: { operation: OperationId<"reporting"> }) {
  const { t } = useTranslation("reports");
  const { search } = useAddress();
  const [open, setOpen] = useState(false);
  const periodText = usePeriodText();
  const preset = presetOf(search, today());
  const days = daysOf(search);
  const isSet = preset?.key !== "all";
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      destroyOnHidden
      open={open}
      onOpenChange={setOpen}
      content={<PeriodEditor operation={operation} onChosen={() => setOpen(false)} />}
    >
      <Button size="small" className="k-chip" data-set={isSet || undefined} icon={<CalendarOutlined />}>
        {t("period.label")}
        <b>{preset ? t(`period.${preset.key}`) : periodText(days.from, days.to)}</b>
        <DownOutlined style={{ fontSize: 10 }} />
      </Button>
    </Popover>
  );
}

function PeriodEditor({
  operation,
  onChosen,
}: {
  operation: OperationId<"reporting">;
  onChosen: () => void;
}) {
  const { t } = useTranslation("reports");
  const { search, change } = useAddress();
  const { query } = operationOf("reporting", operation);
  const chosen = presetOf(search, today())?.key;
  const days = daysOf(search);
  const set = (state: { from?: string | undefined; to?: string | undefined; year?: string }) =>
    change({ from: undefined, to: undefined, year: undefined, ...state });
  return (
    <div className="k-stack" style={{ maxWidth: 320 }}>
      <div className="k-wrap">
        {presets(today()).map(({ key, state }) => (
          <Button
            key={key}
            size="small"
            className="k-chip"
            data-set={key === chosen || undefined}
            aria-pressed={key === chosen}
            onClick={() => {
              set(state);
              onChosen();
            }}
          >
            {t(`period.${key}`)}
          </Button>
        ))}
      </div>
      <div className="k-row">
        {(["from", "to"] as const).map((end) => (
          <div key={end} className="k-space k-small k-muted">
            <label htmlFor={`period-${end}`}>{text(query[end]?.label)}</label>
            <DayField
              id={`period-${end}`}
              value={days[end] ?? null}
              onChange={(day) => set({ ...days, [end]: day ?? undefined })}
            />
          </div>
        ))}
      </div>
    </div>
  );
}
