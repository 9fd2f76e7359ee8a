import { Button, Result, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem.ts";
import { PageTitle } from "../ui/PageTitle.tsx";

/** What a page shows that could not be shown: a chunk of an older build, a fault of ours, a record not there. */
export function FaultPage({ error, reset }: { error: unknown; reset?: () => void }) {
  const { t } = useTranslation();
  const stale = /dynamically imported module|Importing a module|preload CSS/i.test(String(error));
  if (stale) return <NewVersionPage />;
  const problem = error instanceof Problem ? error : undefined;
  const title = problem?.unavailable ? t("fault.unavailable") : t("fault.title");
  return (
    <Result
      status={problem?.unavailable ? "warning" : "error"}
      title={<PageTitle title={title} />}
      subTitle={problem?.message || t("fault.what")}
      extra={
        <Button type="primary" onClick={() => (reset ? reset() : location.reload())}>
          {t("fault.again")}
        </Button>
      }
    >
      {problem?.requestId && (
        <Typography.Paragraph
          copyable={{ text: problem.requestId }}
          style={{ textAlign: "center", margin: 0 }}
        >
          {t("fault.request", { id: problem.requestId })}
        </Typography.Paragraph>
      )}
    </Result>
  );
}

function NewVersionPage() {
  const { t } = useTranslation();
  return (
    <Result
      status="info"
      title={<PageTitle title={t("version.title")} />}
      subTitle={t("version.text")}
      extra={
        <Button type="primary" onClick={() => location.reload()}>
          {t("version.reload")}
        </Button>
      }
    />
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Result
      status="404"
      title={<PageTitle title={t("notFound.title")} />}
      subTitle={t("notFound.text")}
      extra={<a href="/">{t("notFound.home")}</a>}
    />
  );
}

export function WaitingPage() {
  return (
    <div className="k-body" style={{ paddingTop: 24 }}>
      <Skeleton title paragraph={{ rows: 8 }} />
    </div>
  );
}
