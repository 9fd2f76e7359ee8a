import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useLoaded } from "../../api/queries.ts";
import { language } from "../../i18n/start.ts";
import { same } from "../../lib/merge.ts";
import { useAddress } from "../../ui/list/state.ts";
import { PageTitle } from "../../ui/PageTitle.tsx";
import { RecordState } from "../../ui/record/RecordPage.tsx";
import { type Setting, useValueText } from "./api.ts";
import { ChangeForm } from "./Form.tsx";

export default function List() {
  const { t } = useTranslation("settings");
  const { search } = useAddress();
  const reading = useLoaded("auth", "list_settings");
  if (!reading.data) return <RecordState reading={reading} />;
  const settings = reading.data.data.items as Setting[];
  return (
    <div className="k-scroll">
      <div className="k-page">
        <header className="k-head">
          <PageTitle title={t("title")} />
          <span className="k-muted">{t("context")}</span>
        </header>
        <div className="k-body">
          <ul className="k-panel">
            {settings.map((setting) => (
              <SettingRow key={setting.key} setting={setting} />
            ))}
          </ul>
        </div>
      </div>
      {settings.some(({ key }) => key === search.of) && <ChangeForm name={search.of as string} />}
    </div>
  );
}

function SettingRow({ setting }: { setting: Setting }) {
  const { t } = useTranslation("settings");
  const { change } = useAddress();
  const valueText = useValueText();
  const name = t(`names.${setting.key}`, { defaultValue: setting.key });
  return (
    <li className="k-item k-setting" data-setting={setting.key}>
      <div className="k-space">
        <b>{name}</b>
        <p className="k-small k-muted">{setting.description[language()]}</p>
      </div>
      <div className="k-setting-value">
        <b>{valueText(setting, setting.value)}</b>
        {!same(setting.value, setting.default) && (
          <p className="k-small k-muted">{t("default", { value: valueText(setting, setting.default) })}</p>
        )}
      </div>
      {setting.actions.includes("change_setting") && (
        <Button
          size="small"
          aria-label={t("changeOf", { name })}
          onClick={() => change({ form: "change_setting", of: setting.key })}
        >
          {t("change")}
        </Button>
      )}
    </li>
  );
}
