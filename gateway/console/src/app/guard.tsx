import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { text } from "../api/contract.ts";
import { permissions } from "../api/generated/operations.ts";
import { useMay } from "../api/me.ts";
import { Message } from "../ui/Message.tsx";

/** A page for those who may see it; the others read which permission they would need. */
export function Guard({ permission, children }: { permission: string | undefined; children: ReactNode }) {
  const may = useMay();
  const { t } = useTranslation();
  if (may(permission)) return children;
  const name = text(permissions[permission ?? ""], permission);
  return <Message title={t("guard.title")} text={t("guard.needs", { permission: name })} />;
}
