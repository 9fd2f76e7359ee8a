import { Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { Glyph, type Mark, Status } from "../../ui/Status.tsx";
import { Dot, Moment } from "../../ui/Values.tsx";
import { MARKS, type Round, type Rounds as RoundsOf, type ServiceRequest, useRounds } from "./api.ts";
import { FeedbackInPlace, HandleInPlace } from "./Handling.tsx";
import { type Outcome, outcomeOf, presentRound } from "./rules.ts";

const OUTCOME_MARKS: Record<Outcome, Mark> = {
  again: "again",
  archived: "archived",
  waiting: "handled",
  unanswered: "ended",
};

/** What the customer wants, and every round: what was done, what the customer said, and what is next. */
export function Rounds({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const rounds = useRounds(row.id);
  const ahead = row.status === "created" || row.status === "assigned";
  return (
    <div className="k-stack">
      <section className="k-sunk">
        <h2 className="k-hidden">{t("wish")}</h2>
        <p className="k-text">{row.description}</p>
        <p className="k-small k-muted">
          {row.contact && (
            <>
              {row.contact}
              <Dot />
            </>
          )}
          <Moment value={row.created_at} />
        </p>
      </section>
      {rounds && (
        <Timeline
          className="k-rounds"
          items={[
            ...rounds.items.map((round) => ({
              key: round.number,
              icon: <Glyph mark={OUTCOME_MARKS[outcomeOf(round, row)]} />,
              content: <RoundEntry row={row} round={round} rounds={rounds} />,
            })),
            ...(ahead
              ? [{ key: "ahead", icon: <Glyph mark={MARKS[row.status]} />, content: <Ahead row={row} /> }]
              : []),
          ]}
        />
      )}
    </div>
  );
}

function RoundEntry({ row, round, rounds }: { row: ServiceRequest; round: Round; rounds: RoundsOf }) {
  const { t } = useTranslation("requests");
  const outcome = outcomeOf(round, row);
  const asks = outcome === "waiting" && row.actions.includes("give_request_feedback");
  return (
    <article data-round={round.number} aria-label={t("round", { number: round.number })}>
      <div className="k-wrap">
        <h3>{t("round", { number: round.number })}</h3>
        <Status tag mark={OUTCOME_MARKS[outcome]}>
          {t(`outcome.${outcome}`, { score: round.satisfaction })}
        </Status>
      </div>
      <dl className="k-facts" style={{ marginTop: 6 }}>
        <dt>{t("handling")}</dt>
        <dd>
          <span className="k-text">{round.handling}</span>{" "}
          <Signed name={round.handler_name} at={round.handled_at} />
        </dd>
        {round.feedback_at && (
          <>
            <dt>{t("said")}</dt>
            <dd>
              <span className="k-text">{round.result}</span>{" "}
              <Signed
                name={[round.contact, round.channel, round.feedback_by_name].filter(Boolean).join("，")}
                at={round.feedback_at}
              />
            </dd>
          </>
        )}
      </dl>
      {asks && <FeedbackInPlace row={row} rounds={rounds} />}
    </article>
  );
}

function Signed({ name, at }: { name: string | null; at: string }) {
  return (
    <span className="k-small k-muted">
      {name}
      {name && <Dot />}
      <Moment value={at} />
    </span>
  );
}

/** The round that nobody has handled yet. */
function Ahead({ row }: { row: ServiceRequest }) {
  const { t } = useTranslation("requests");
  const number = presentRound(row);
  return (
    <article data-round={number} aria-label={t("round", { number })}>
      <div className="k-wrap">
        <h3>{t("round", { number })}</h3>
        <Status tag mark={MARKS[row.status]}>
          {row.assignee_id
            ? t("ahead.assigned", { name: row.assignee_name ?? t("somebody") })
            : t("ahead.created")}
        </Status>
      </div>
      {row.actions.includes("handle_request") && <HandleInPlace row={row} />}
    </article>
  );
}
