import { App as AntApp, ConfigProvider } from "antd";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { wordsOfParts } from "../i18n/start.ts";
import { useDark } from "../ui/appearance.ts";
import { darkTheme, lightTheme } from "../ui/theme.ts";

/** Colours, language and texts of all parts below. */
export function Appearance({ children }: { children: ReactNode }) {
  const dark = useDark();
  // Renders anew when the language changes.
  useTranslation();
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);
  return (
    <ConfigProvider
      locale={wordsOfParts()}
      theme={dark ? darkTheme : lightTheme}
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
