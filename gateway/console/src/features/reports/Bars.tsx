import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { useDark } from "../../ui/appearance.ts";
import { dark, light, orderedColours } from "../../ui/colours.ts";
import { percent, shortMoney } from "./api.ts";
import { OpenRows } from "./FigureTable.tsx";
import { shade } from "./rules.ts";

type Stage = Schemas["reporting"]["Stage"];

/** The colour of a stage: open ones darker on their way, won green; lost ones have none. */
function useColourOf(stages: Stage[]): (stage: Stage) => string | undefined {
  const isDark = useDark();
  const open = stages.filter(({ type }) => type === "open");
  return (stage) => {
    if (stage.type === "lost") return undefined;
    if (stage.type === "won") return (isDark ? dark : light).green;
    return shade(orderedColours[isDark ? "dark" : "light"], open.indexOf(stage), open.length);
  };
}

export function StageSquare({ stages, stage }: { stages: Stage[]; stage: Stage }) {
  const background = useColourOf(stages)(stage);
  return (
    <span
      className="k-square"
      aria-hidden
      {...(background ? { style: { background } } : { "data-hollow": true })}
    />
  );
}

/** The way of opportunities: a bar for how many reached each stage, and between two the part that went on. */
export function Bars({ stages, name }: { stages: Stage[]; name: (stage: Stage) => string }) {
  const { t } = useTranslation("reports");
  const colourOf = useColourOf(stages);
  const way = stages.filter(({ type }) => type !== "lost");
  const most = Math.max(1, ...way.map(({ reached }) => reached));
  return (
    <ul className="k-funnel">
      {way.map((stage) => (
        <li key={stage.stage}>
          <span className="k-funnel-name">{name(stage)}</span>
          <OpenRows part={{ reached_stage: stage.stage }} className="k-funnel-line">
            <span
              className="k-funnel-bar"
              style={{ "--part": stage.reached / most, background: colourOf(stage) } as CSSProperties}
            />
            <span className="k-funnel-figures">
              <b>{stage.reached}</b>
              <span className="k-muted">{t("funnel.nowIs", { count: stage.count })}</span>
              {stage.amounts.map(({ currency, amount }) => (
                <span key={currency} className="k-muted">
                  {shortMoney(amount, currency)}
                </span>
              ))}
            </span>
          </OpenRows>
          {stage.conversion_to_next !== null && (
            <span className="k-funnel-step">
              <span aria-hidden>↓ </span>
              {t("funnel.goOn", { part: percent(stage.conversion_to_next) })}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
