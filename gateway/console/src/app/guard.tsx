import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { text } from "../api/contract.ts";
import { permissions } from "../api/generated/operations.ts";
import { useMay } from "../api/me.ts";
import { PageTitle } from "../ui/PageTitle.tsx";

/** A page for those who may see it; the others read which permission they would need. */
export function Guard({ permission, children }: { permission: string | undefined; children: ReactNode }) {
  const may = useMay();
  const { t } = useTranslation();
  if (may(permission)) return children;
  return (
    <div className="k-empty">
      <PageTitle title={t("guard.title")} />
      <p>{t("guard.needs", { permission: text(permissions[permission ?? ""], permission) })}</p>
    </div>
  );
}
