import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/call.ts";
import { useLoaded } from "../../api/queries.ts";
import { language, listed, locale } from "../../i18n/start.ts";
import { count } from "../../lib/money.ts";

export type Setting = Schemas["auth"]["Setting"];

/** The levels of customers, by which some settings differ. */
export function useLevels() {
  const { data } = useLoaded("customer", "list_levels", { staleTime: 600_000 });
  const items = data?.data.items ?? [];
  return items.map((level) => ({
    code: level.code,
    label: language() === "zh" ? level.label_zh : level.label_en,
  }));
}

/** A value of a setting as people read it. */
export function useValueText(): (setting: Setting, value: unknown) => string {
  const { t } = useTranslation("settings");
  const levels = useLevels();
  return (setting, value) => {
    if (setting.type === "choice") return choiceText(t as TFunction, setting.key, String(value));
    if (setting.type === "integer") return count(Number(value), locale());
    const parts = Object.entries((value ?? {}) as Record<string, number>).map(
      ([code, number]) => `${levels.find((level) => level.code === code)?.label ?? code} ${number}`,
    );
    return listed(parts) || t("noLevels");
  };
}

export function choiceText(t: TFunction, key: string, choice: string): string {
  return t(`choices.${key}.${choice}`, { defaultValue: choice });
}
