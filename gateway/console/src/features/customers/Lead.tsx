import { WarningOutlined } from "@ant-design/icons";
import { Link, useNavigate } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { codeText, schemaOf, text } from "../../api/contract.ts";
import { locale } from "../../i18n/start.ts";
import { daysBetween, showDay, today } from "../../lib/dates.ts";
import { useAddress } from "../../ui/list/state.ts";
import { Meter } from "../../ui/Meter.tsx";
import { Count, Day, Moment, Nothing } from "../../ui/Values.tsx";
import type { Customer, Warning } from "./api.ts";
import type { Around } from "./around.ts";

/** What must be known before anything else: that the customer is lost, at risk, or incomplete. */
export function Lead({ row, around }: { row: Customer; around: Around }) {
  return (
    <div className="k-body k-stack" style={{ gap: 12, paddingTop: 4, paddingBottom: 12 }}>
      {row.status === "lost" && <LostBar row={row} />}
      {around.warning && <WarningBar warning={around.warning} />}
      {row.missing.length > 0 && row.status !== "lost" && <MissingBar row={row} />}
      <Figures row={row} around={around} />
    </div>
  );
}

function LostBar({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  return (
    <Alert
      type="error"
      showIcon
      title={
        <span className="k-wrap">
          <b>{t("lost")}</b>
          <Moment value={row.lost_at} />
          <span>{t("readOnly")}</span>
        </span>
      }
    />
  );
}

function WarningBar({ warning }: { warning: Warning }) {
  const { t } = useTranslation("customers");
  const navigate = useNavigate();
  const { last_order_on: last, next_review_on: review, cut_off_on: cutOff } = warning;
  const day = (value: string) => showDay(value, locale());
  const facts = [
    last && t("warning.last", { day: day(last), cutOff: day(cutOff) }),
    review && t("warning.review", { day: day(review) }),
  ];
  return (
    <Alert
      type="warning"
      showIcon
      icon={<WarningOutlined />}
      title={
        <span className="k-wrap">
          <b>{last ? t("warning.days", { count: daysBetween(last, today()) }) : t("warning.never")}</b>
          <span>{facts.filter(Boolean).join(t("warning.between"))}</span>
        </span>
      }
      action={
        <Button size="small" onClick={() => navigate({ to: `/churn-warnings/${warning.id}`, search: {} })}>
          {t("warning.open")}
        </Button>
      }
    />
  );
}

function MissingBar({ row }: { row: Customer }) {
  const { t } = useTranslation("customers");
  const { change } = useAddress();
  const field = schemaOf("customer", "Customer").fields.missing;
  const names = row.missing.map((name) => codeText(field, name)).join(t("listSeparator"));
  const fillable = row.missing.some((name) => row.editable.includes(name));
  return (
    <Alert
      type="info"
      showIcon
      title={t("missing", { fields: names })}
      action={
        fillable && (
          <Button size="small" onClick={() => change({ form: "update_customer" })}>
            {t("complete")}
          </Button>
        )
      }
    />
  );
}

function Figures({ row, around }: { row: Customer; around: Around }) {
  const { t } = useTranslation("customers");
  const { fields } = schemaOf("customer", "Customer");
  const last = around.orders?.rows[0]?.ordered_on;
  return (
    <section className="k-figures" data-small aria-label={t("figures.title")}>
      <Figure label={text(fields.level?.label)}>{codeText(fields.level, row.level)}</Figure>
      <Figure label={text(fields.satisfaction?.label)}>
        <ScoreMeter score={row.satisfaction} />
      </Figure>
      <Figure label={text(fields.credit?.label)}>
        <ScoreMeter score={row.credit} />
      </Figure>
      <Figure label={t("figures.lastOrder")} to="orders">
        {last ? <Day value={last} /> : <Nothing />}
      </Figure>
      <Figure label={t("figures.orders")} to="orders">
        {around.orders && <Total {...around.orders} />}
      </Figure>
      {around.requests && (
        <Figure label={t("figures.openRequests")} to="requests">
          <Count value={around.requests.some} />
        </Figure>
      )}
    </section>
  );
}

function Total({ total, capped }: { total: number | undefined; capped: boolean }) {
  return (
    <>
      <Count value={total ?? 0} />
      {capped && "+"}
    </>
  );
}

function Figure({ label, to, children }: { label: string; to?: string; children: ReactNode }) {
  const content = (
    <>
      <div className="k-small k-muted">{label}</div>
      <div className="k-figure">{children}</div>
    </>
  );
  if (!to) return <div>{content}</div>;
  return (
    <Link to="." search={{ tab: to }} resetScroll={false}>
      {content}
    </Link>
  );
}

/** A score from 1 to 5 as blocks, and its number. */
export function ScoreMeter({ score }: { score: number }) {
  return (
    <>
      <Meter length={5} at={score - 1} />
      {score}
      <small>/ 5</small>
    </>
  );
}
