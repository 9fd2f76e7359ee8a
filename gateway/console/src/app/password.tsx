import { useNavigate } from "@tanstack/react-router";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { PageTitle } from "../ui/PageTitle.tsx";
import { PasswordForm } from "../ui/PasswordForm.tsx";

/** The page of somebody who signs in for the first time, or whose password was reset. */
export function ChangePassword() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <div className="k-login">
      <main className="k-stack">
        <PageTitle title={t("password.title")} />
        <Alert type="info" showIcon title={t("password.must")} />
        <PasswordForm onDone={() => navigate({ to: "/" })} />
      </main>
    </div>
  );
}
