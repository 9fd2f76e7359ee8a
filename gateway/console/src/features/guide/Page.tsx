import { Link, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { type MouseEvent, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Message } from "../../ui/Message.tsx";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { type GuidePage, useGuide } from "./api.ts";

/** A page of the user guide. */
export default function Page() {
  const { t } = useTranslation("guide");
  const { page: name = "" } = useParams({ strict: false }) as { page?: string };
  const guide = useGuide();
  if (!guide) return <Skeleton className="k-body" style={{ paddingTop: 24 }} paragraph={{ rows: 8 }} />;
  const page = guide.pages[name];
  if (!page) return <Message title={t("common:notFound.title")} text={t("common:notFound.text")} />;
  return (
    <div className="k-scroll">
      <article className="k-page">
        <nav className="k-crumbs">
          <Link to="/guide" search={{}}>
            {t("title")}
          </Link>
        </nav>
        <header className="k-head">
          <PageTitle key={name} title={page.title} />
        </header>
        <div className="k-columns">
          <Content page={page} />
          <nav className="k-aside" aria-label={page.title}>
            <ul className="k-stack" style={{ gap: 8 }}>
              {page.headings.map(({ id, text }) => (
                <li key={id}>
                  <Link to="." hash={id}>
                    {text}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        </div>
      </article>
    </div>
  );
}

function Content({ page }: { page: GuidePage }) {
  const navigate = useNavigate();
  const { hash } = useLocation();
  // The text comes later than the address, which may name a heading.
  useEffect(() => {
    if (page && hash) document.getElementById(hash)?.scrollIntoView();
  }, [page, hash]);
  const follow = (event: MouseEvent) => {
    const href = (event.target as HTMLElement).closest("a")?.getAttribute("href");
    if (!href || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate({ href: href.startsWith("#") ? location.pathname + href : href });
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the links within have the keys
    // biome-ignore lint/a11y/noStaticElementInteractions: the links within are what is pressed
    <div
      className="k-main k-guide"
      onClick={follow}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: the build made it of our own Markdown
      dangerouslySetInnerHTML={{ __html: page.html }}
    />
  );
}
