import { Button, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { useRows } from "../../ui/list/rows.ts";
import { Panel } from "../../ui/Panel.tsx";
import { useDirect } from "../../ui/record/Actions.tsx";
import { Dot, Moment } from "../../ui/Values.tsx";
import { deviceName } from "./rules.ts";

type Session = Schemas["auth"]["Session"];

/** Where this person is signed in. */
export function Sessions() {
  const { t } = useTranslation("me");
  const list = useRows("auth", "list_my_sessions", {}, {});
  const direct = useDirect("auth", {});
  const sessions = list.rows as Session[];
  const endOthers = () =>
    direct({
      operation: "end_my_other_sessions",
      label: t("endOthers"),
      danger: true,
      direct: { question: t("endOthersSure") },
    });
  return (
    <Panel
      title={t("sessions")}
      count={list.total}
      extra={
        sessions.some((session) => !session.current) && (
          <Button size="small" danger onClick={endOthers}>
            {t("endOthers")}
          </Button>
        )
      }
    >
      <ul>
        {sessions.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button type="link" block loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          {t("common:list.more")}
        </Button>
      )}
    </Panel>
  );
}

function SessionRow({ session }: { session: Session }) {
  const { t } = useTranslation("me");
  const direct = useDirect("auth", { session_id: session.id });
  const device = session.device ? deviceName(session.device) : t("unknownDevice");
  return (
    <li className="k-item">
      <div className="k-space">
        <span title={session.device ?? undefined}>{device}</span>{" "}
        {session.current && <Tag variant="filled">{t("current")}</Tag>}
        <p className="k-small k-muted">
          {session.address}
          {session.address && <Dot />}
          {t("lastUsed")} <Moment value={session.last_used_at} />
        </p>
      </div>
      {!session.current && session.actions.includes("end_my_session") && (
        <Button
          size="small"
          aria-label={t("endOf", { device })}
          onClick={() => direct({ operation: "end_my_session", label: t("end"), direct: {} })}
        >
          {t("end")}
        </Button>
      )}
    </li>
  );
}
