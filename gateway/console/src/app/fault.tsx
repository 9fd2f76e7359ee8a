import { useRouter } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Problem } from "../api/problem.ts";
import { Message } from "../ui/Message.tsx";

/** What a page shows that could not be shown: a chunk of an older build, a fault of ours, a service that is down. */
export function FaultPage({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  const stale = /dynamically imported module|Importing a module|preload CSS/i.test(String(error));
  if (stale) return <NewVersionPage />;
  const problem = error instanceof Problem ? error : undefined;
  const title = problem?.unavailable ? t("fault.unavailable") : t("fault.title");
  return (
    <Message title={title} text={problem?.message || t("fault.what")}>
      <Button type="primary" onClick={() => router.invalidate()}>
        {t("fault.again")}
      </Button>
      {problem?.requestId && <p className="k-small">{t("fault.request", { id: problem.requestId })}</p>}
    </Message>
  );
}

function NewVersionPage() {
  const { t } = useTranslation();
  return (
    <Message title={t("version.title")} text={t("version.text")}>
      <Button type="primary" onClick={() => location.reload()}>
        {t("version.reload")}
      </Button>
    </Message>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Message title={t("notFound.title")} text={t("notFound.text")}>
      <a href="/">{t("notFound.home")}</a>
    </Message>
  );
}

/** After a while without the page: that it is on its way. */
export function WaitingPage() {
  const { t } = useTranslation();
  return (
    <p className="k-empty" role="status">
      {t("loading")}
    </p>
  );
}
