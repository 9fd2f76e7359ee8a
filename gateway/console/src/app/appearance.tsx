import { App as AntApp, ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { themeStore } from "../ui/appearance.ts";
import { darkTheme, lightTheme } from "../ui/theme.ts";

const locales = { zh: () => import("antd/locale/zh_CN"), en: () => import("antd/locale/en_GB") };

/** The nonce that the page's policy allows styles by; new in each answer. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/** Colours, language and texts of all parts below. */
export function Appearance({ children }: { children: ReactNode }) {
  const dark = useSyncExternalStore(themeStore.subscribe, () => themeStore.dark());
  const { i18n } = useTranslation();
  const [locale, setLocale] = useState<Locale>();
  useEffect(() => {
    let current = true;
    locales[i18n.language === "zh" ? "zh" : "en"]().then((module) => current && setLocale(module.default));
    return () => {
      current = false;
    };
  }, [i18n.language]);
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);
  if (!locale) return null;
  return (
    <ConfigProvider
      locale={locale}
      theme={dark ? darkTheme : lightTheme}
      csp={{ nonce }}
      button={{ autoInsertSpace: false }}
      form={{ requiredMark }}
    >
      <AntApp notification={{ placement: "bottomLeft" }} className="k-root">
        {children}
      </AntApp>
    </ConfigProvider>
  );
}

function requiredMark(label: ReactNode, { required }: { required: boolean }) {
  return (
    <>
      {label}
      {required && (
        <em className="k-required" aria-hidden>
          *
        </em>
      )}
    </>
  );
}
