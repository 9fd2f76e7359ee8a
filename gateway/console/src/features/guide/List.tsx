import { Link } from "@tanstack/react-router";
import { Skeleton, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { useGuide } from "./api.ts";

/** What the user guide contains: a part for each role, the tasks of each. */
export default function List() {
  const { t } = useTranslation("guide");
  const guide = useGuide();
  return (
    <div className="k-scroll">
      <div className="k-page">
        <header className="k-head">
          <PageTitle title={t("title")} />
        </header>
        {!guide && <Skeleton className="k-body" paragraph={{ rows: 8 }} />}
        <div className="k-body k-panels">
          {guide?.names.map((name) => (
            <section key={name} className="k-panel" aria-label={guide.pages[name]?.title}>
              <header>
                <h2>
                  <Link to={`/guide/${name}`} search={{}}>
                    {guide.pages[name]?.title}
                  </Link>
                </h2>
                {guide.own.has(name) && <Tag>{t("own")}</Tag>}
              </header>
              <ul className="k-panel-body k-stack" style={{ gap: 6 }}>
                {guide.pages[name]?.headings.map(({ id, text }) => (
                  <li key={id}>
                    <Link to={`/guide/${name}`} search={{}} hash={id}>
                      {text}
                    </Link>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </div>
    </div>
  );
}
