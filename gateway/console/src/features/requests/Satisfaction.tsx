import { InboxOutlined, RollbackOutlined } from "@ant-design/icons";
import { Radio } from "antd";
import { useTranslation } from "react-i18next";
import { schemaOf, text } from "../../api/contract.ts";
import type { ControlProperties } from "../../ui/form/layout.ts";
import { leadsTo } from "./rules.ts";

const SCORES = [1, 2, 3, 4, 5] as const;

/** How satisfied the customer is: five cards, and beneath them what each leads to. */
export function Satisfaction({ reopenBelow, ...rest }: ControlProperties & { reopenBelow: number }) {
  const { t } = useTranslation("requests");
  const label = text(schemaOf("service-desk", "Feedback").fields.satisfaction?.label);
  const again = SCORES.filter((score) => leadsTo(score, reopenBelow) === "again").length;
  return (
    <>
      <Radio.Group
        {...rest}
        className="k-scores"
        aria-label={label}
        optionType="button"
        onChange={(event) => rest.onChange?.(event.target.value)}
        options={SCORES.map((score) => ({
          value: score,
          className: `k-score-${leadsTo(score, reopenBelow)}`,
          label: (
            <>
              <b>{score}</b>
              <span>{t(`score.${score}`)}</span>
            </>
          ),
        }))}
      />
      <div className="k-zones-of-scores k-small">
        {again > 0 && (
          <span data-tone="red" style={{ gridColumn: `span ${again}` }}>
            <RollbackOutlined aria-hidden /> {t("zone.again", { count: reopenBelow })}
          </span>
        )}
        {again < SCORES.length && (
          <span data-tone="green" style={{ gridColumn: `span ${SCORES.length - again}` }}>
            <InboxOutlined aria-hidden /> {t("zone.archived", { count: reopenBelow })}
          </span>
        )}
      </div>
    </>
  );
}
