import { Radio } from "antd";
import { useTranslation } from "react-i18next";
import { schemaOf, text } from "../../api/contract.ts";
import { useChangePreferences, usePreferences } from "../../api/preferences.ts";
import { useFault } from "../../ui/feedback.ts";
import { Panel } from "../../ui/Panel.tsx";

/** Colours and density; each choice holds at once. */
export function Look() {
  const { t } = useTranslation("me");
  const preferences = usePreferences();
  const change = useChangePreferences();
  const fault = useFault();
  const { fields } = schemaOf("auth", "Preferences");
  return (
    <Panel title={t("look")}>
      <div className="k-panel-body k-stack">
        {(["theme", "density"] as const).map((name) => (
          <fieldset key={name} className="k-choice">
            <legend className="k-muted">{text(fields[name]?.label)}</legend>
            <Radio.Group
              value={preferences[name]}
              options={Object.entries(fields[name]?.codes ?? {}).map(([value, label]) => ({
                value,
                label: text(label),
              }))}
              onChange={(event) => change({ [name]: event.target.value }).catch(fault)}
            />
          </fieldset>
        ))}
      </div>
    </Panel>
  );
}
