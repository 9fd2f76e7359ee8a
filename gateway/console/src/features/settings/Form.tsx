import { InputNumber, Select } from "antd";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import { queryClient, queryKey, useLoaded } from "../../api/queries.ts";
import { language } from "../../i18n/start.ts";
import { FormDrawer } from "../../ui/form/FormDrawer.tsx";
import type { ControlProperties } from "../../ui/form/layout.ts";
import { choiceText, type Setting, useLevels, useValueText } from "./api.ts";

/** Change one setting: what it is now stands above the new value. */
export function ChangeForm({ name }: { name: string }) {
  const { t } = useTranslation("settings");
  const valueText = useValueText();
  const reading = useLoaded("auth", "get_setting", { path: { key: name }, staleTime: 0 });
  if (!reading.isFetchedAfterMount || !reading.data) return null;
  const loaded = reading.data as Loaded<Setting>;
  const setting = loaded.data;
  const label = t(`names.${setting.key}`, { defaultValue: setting.key });
  const limits = setting.minimum !== undefined && t("limits", { min: setting.minimum, max: setting.maximum });
  return (
    <FormDrawer
      small
      title={label}
      intro={
        <>
          <p>{setting.description[language()]}</p>
          <p className="k-muted">
            {t("now", {
              value: valueText(setting, setting.value),
              standard: valueText(setting, setting.default),
            })}
          </p>
        </>
      }
      service="auth"
      operation="change_setting"
      read="get_setting"
      path={{ key: name }}
      base={loaded}
      fields={[
        {
          name: "value",
          label: t("value"),
          control: <SettingControl setting={setting} />,
          ...(limits && { hint: limits }),
        },
      ]}
      toast={(saved) =>
        t("changed", {
          before: valueText(setting, setting.value),
          after: valueText(setting, saved.value),
        })
      }
      onSaved={() => {
        // Some settings are part of what every page reads first; the next page reads it anew.
        queryClient.removeQueries({ queryKey: queryKey("auth", "get_client_configuration") });
      }}
    />
  );
}

function SettingControl({ setting, ...rest }: ControlProperties & { setting: Setting }) {
  const { t } = useTranslation("settings");
  const limits = { min: setting.minimum ?? 0, max: setting.maximum ?? Number.MAX_SAFE_INTEGER };
  if (setting.type === "choice") {
    const options = (setting.choices ?? []).map((choice) => ({
      value: choice,
      label: choiceText(t as TFunction, setting.key, choice),
    }));
    return <Select {...rest} options={options} />;
  }
  if (setting.type === "integer")
    return (
      <InputNumber {...rest} {...limits} precision={0} changeOnWheel={false} style={{ width: "100%" }} />
    );
  return <ByLevel {...rest} {...limits} />;
}

/** A number for some levels of customers; an empty one means the general value. */
function ByLevel({ id, value, onChange, min, max }: ControlProperties & { min: number; max: number }) {
  const { t } = useTranslation("settings");
  const numbers = (value ?? {}) as Record<string, number>;
  const set = (code: string, number: number | null) => {
    const { [code]: _, ...others } = numbers;
    onChange?.(number === null ? others : { ...others, [code]: number });
  };
  return (
    <div id={id} className="k-stack" style={{ gap: 8 }}>
      {useLevels().map(({ code, label }) => (
        <div key={code} className="k-row">
          <span className="k-space">{label}</span>
          <InputNumber
            aria-label={label}
            placeholder={t("general")}
            value={numbers[code] ?? null}
            min={min}
            max={max}
            precision={0}
            changeOnWheel={false}
            style={{ width: 160 }}
            onChange={(number) => set(code, number)}
          />
        </div>
      ))}
    </div>
  );
}
