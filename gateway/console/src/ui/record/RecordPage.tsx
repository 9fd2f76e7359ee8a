import { Link } from "@tanstack/react-router";
import { Skeleton, Tabs } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../../api/problem.ts";
import { usePhone } from "../../lib/screen.ts";
import { useProblemText } from "../feedback.ts";
import { useAddress } from "../list/state.ts";
import { Message } from "../Message.tsx";
import { PageTitle } from "../PageTitle.tsx";

export interface Tab {
  key: string;
  label: string;
  count?: number;
  content: ReactNode;
}

interface Properties {
  /** Where the record belongs: the list's path and name. */
  list: { path: string; label: string };
  number?: string | undefined;
  name: string;
  status?: ReactNode;
  /** One grey sentence of context. */
  context?: ReactNode;
  actions?: ReactNode;
  /** Between the head and the tabs: stages, the next step. */
  lead?: ReactNode;
  tabs: Tab[];
  aside?: ReactNode;
}

/**
 * A record: where it belongs, what it is, what may be done, and everything about it in tabs. On phones, what may
 * be done lies within the thumb's reach, in the place of the main pages.
 */
export function RecordPage({ list, number, name, status, context, actions, lead, tabs, aside }: Properties) {
  const { search, change } = useAddress();
  const active = tabs.find((tab) => tab.key === search.tab) ?? tabs[0];
  const phone = usePhone();
  return (
    <>
      <div className="k-scroll">
        <article className="k-page">
          <nav className="k-crumbs">
            <Link to={list.path} search={{}}>
              {list.label}
            </Link>
            {number && <span>/ {number}</span>}
          </nav>
          <header className="k-head">
            <PageTitle title={name} />
            {status}
            {context && <span className="k-muted">{context}</span>}
            <span className="k-space" />
            {!phone && actions}
          </header>
          {lead}
          {tabs.length > 1 && (
            <Tabs
              activeKey={active?.key ?? ""}
              onChange={(key) => change({ tab: key === tabs[0]?.key ? undefined : key }, true)}
              items={tabs.map((tab) => ({
                key: tab.key,
                label: (
                  <>
                    {tab.label}
                    {tab.count !== undefined && <span className="k-small k-muted"> {tab.count}</span>}
                  </>
                ),
              }))}
            />
          )}
          <div className={aside ? "k-columns" : ""}>
            <div className="k-main">{active?.content}</div>
            {aside && <aside className="k-aside k-stack">{aside}</aside>}
          </div>
        </article>
      </div>
      {phone && actions && <footer className="k-act">{actions}</footer>}
    </>
  );
}

interface Reading {
  isPending: boolean;
  error: Problem | null;
}

/** What stands in a record's place while it is read, or if it cannot be. */
export function RecordState({ reading }: { reading: Reading }) {
  const { t } = useTranslation();
  const words = useProblemText();
  const { error } = reading;
  if (!error) return <Skeleton className="k-body" style={{ paddingTop: 24 }} paragraph={{ rows: 8 }} />;
  const missing = error.status === 404;
  return (
    <Message
      title={t(missing ? "record.missing" : "fault.title")}
      text={missing ? t("record.missingText") : words(error)}
    />
  );
}
