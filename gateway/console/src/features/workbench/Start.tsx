import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Panel } from "../../ui/Panel.tsx";

/** For those whose work does not lie on the workbench: where it lies. */
export function StartPanel() {
  const { t } = useTranslation("workbench");
  return (
    <Panel title={t("start.title")}>
      <div className="k-panel-body k-stack">
        <p>{t("start.text")}</p>
        <Link to="/me" search={{}}>
          {t("start.profile")}
        </Link>
      </div>
    </Panel>
  );
}
