import { Switch } from "antd";
import { useTranslation } from "react-i18next";
import { useChangePreferences, usePreferences } from "../../api/preferences.ts";
import { PLACES } from "../../lib/keyboard.ts";
import { useFault } from "../../ui/feedback.ts";
import { Panel } from "../../ui/Panel.tsx";

/** The keys that work everywhere, and whether single letters are among them. */
export function Shortcuts() {
  const { t } = useTranslation("me");
  const { shortcuts } = usePreferences();
  const change = useChangePreferences();
  const fault = useFault();
  return (
    <Panel
      title={t("shortcuts")}
      extra={
        <span className="k-row">
          <span className="k-small k-muted" aria-hidden>
            {t("letters")}
          </span>
          <Switch
            size="small"
            aria-label={t("letters")}
            checked={shortcuts}
            onChange={(wanted) => change({ shortcuts: wanted }).catch(fault)}
          />
        </span>
      }
    >
      <dl className="k-facts k-panel-body">
        <Keys keys={["Ctrl", "K"]} does={t("keys.palette")} />
        <Keys keys={["Ctrl", "Enter"]} does={t("keys.save")} />
        <Keys keys={["Esc"]} does={t("keys.close")} />
        {shortcuts && (
          <>
            <Keys keys={["/"]} does={t("keys.palette")} />
            {Object.keys(PLACES).map((letter) => (
              <Keys key={letter} keys={["g", letter]} does={t(`places.${letter}` as never)} />
            ))}
          </>
        )}
        <Keys keys={["j", "k"]} does={t("keys.rows")} />
        <Keys keys={["x"]} does={t("keys.choose")} />
        <Keys keys={["Enter"]} does={t("keys.open")} />
      </dl>
    </Panel>
  );
}

function Keys({ keys, does }: { keys: string[]; does: string }) {
  return (
    <>
      <dt className="k-row" style={{ gap: 4 }}>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </>
  );
}
