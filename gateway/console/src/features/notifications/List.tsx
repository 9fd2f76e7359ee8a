import { CheckOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Alert, Button, Skeleton, Tabs } from "antd";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { useAct } from "../../api/queries.ts";
import { useFault, useProblemText, useSaved } from "../../ui/feedback.ts";
import { Foot } from "../../ui/list/Foot.tsx";
import { useRows } from "../../ui/list/rows.ts";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { Moment } from "../../ui/Values.tsx";
import { useRead } from "./api.ts";
import { type Notification, pathOf } from "./rules.ts";

/** What happened that concerns the person who is signed in, newest first. */
export default function List() {
  const { t } = useTranslation("notifications");
  const { search, change } = useAddress();
  const all = search.show === "all";
  const list = useRows("service-desk", "list_notifications", {}, all ? {} : { unread: "true" });
  const first = list.data?.pages[0]?.data as Schemas["service-desk"]["Notifications"] | undefined;
  const unread = first?.unread;
  const words = useProblemText();
  const rows = list.rows as Notification[];
  return (
    <div className="k-page">
      <header className="k-head">
        <PageTitle title={t("title")} />
        <span className="k-space" />
        {Boolean(unread) && <ReadAll newest={rows[0]?.updated_at} />}
      </header>
      <Tabs
        activeKey={all ? "all" : "unread"}
        onChange={(key) => change({ show: key === "all" ? "all" : undefined })}
        items={[
          {
            key: "unread",
            label: (
              <>
                {t("unread")} <span className="k-small k-muted">{unread}</span>
              </>
            ),
          },
          { key: "all", label: t("all") },
        ]}
      />
      {list.isError && (
        <div className="k-body">
          <Alert
            type="warning"
            showIcon
            title={words(list.error)}
            action={<Button onClick={() => list.refetch()}>{t("common:fault.again")}</Button>}
          />
        </div>
      )}
      {list.isPending && <Skeleton className="k-body" title={false} paragraph={{ rows: 8 }} />}
      {list.isSuccess && rows.length === 0 && (
        <div className="k-empty" role="status">
          {t(all ? "none" : "noneUnread")}
        </div>
      )}
      {rows.length > 0 && (
        <>
          <ul className="k-scroll" aria-label={t("title")}>
            {rows.map((row) => (
              <Entry key={row.id} row={row} />
            ))}
          </ul>
          <Foot
            shown={rows.length}
            total={list.total}
            capped={list.capped}
            more={list.hasNextPage}
            loading={list.isFetchingNextPage}
            onMore={() => list.fetchNextPage()}
          />
        </>
      )}
    </div>
  );
}

/** Marks what is shown, and what came before; not what came since. */
function ReadAll({ newest }: { newest: string | undefined }) {
  const { t } = useTranslation("notifications");
  const act = useAct("service-desk");
  const saved = useSaved();
  const fault = useFault();
  const read = async () => {
    try {
      const { data } = await act.mutateAsync({
        operation: "read_all_notifications",
        query: { until: newest },
      });
      saved(t("marked", { count: data.marked }));
    } catch (problem) {
      fault(problem);
    }
  };
  return (
    <Button icon={<CheckOutlined />} loading={act.isPending} disabled={!newest} onClick={read}>
      {t("readAll")}
    </Button>
  );
}

/** One notification: opening its record marks it as read. */
function Entry({ row }: { row: Notification }) {
  const { t } = useTranslation("notifications");
  const read = useRead();
  const path = pathOf(row);
  const fresh = row.read_at === null;
  const mark = () => {
    if (fresh) read(row.id);
  };
  const text = (
    <>
      <span className={fresh ? "k-strong" : ""}>{row.title}</span>
      <span className="k-muted k-text">{row.body}</span>
    </>
  );
  return (
    <li className="k-item k-notice" data-unread={fresh || undefined}>
      <span className="k-notice-mark" role="img" aria-label={t(fresh ? "isUnread" : "isRead")} />
      {path ? (
        <Link to={path} search={{}} className="k-space k-notice-text" onClick={mark} onAuxClick={mark}>
          {text}
        </Link>
      ) : (
        <span className="k-space k-notice-text">
          {text}
          <span className="k-small k-muted">{t("closed")}</span>
        </span>
      )}
      <span className="k-small k-muted">
        <Moment value={row.updated_at} />
      </span>
      {fresh && (
        <Button size="small" aria-label={t("readOne", { title: row.title })} onClick={mark}>
          {t("read")}
        </Button>
      )}
    </li>
  );
}
