import type { Locale } from "antd/es/locale";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { recall, remember } from "../lib/storage.ts";
import { announce } from "../lib/tabs.ts";

export type Language = "zh" | "en";

const loaders = { zh: () => import("./zh.ts"), en: () => import("./en.ts") };

export function language(): Language {
  return i18next.language === "en" ? "en" : "zh";
}

/** The locale of numbers and dates. */
export function locale(): string {
  return language() === "zh" ? "zh-CN" : "en-GB";
}

/** Several words one after the other. */
export function listed(words: readonly string[]): string {
  return words.join(language() === "zh" ? "、" : ", ");
}

/** The language this browser used last, else the browser's own. */
function firstLanguage(): Language {
  return recall<Language>("language", navigator.language.startsWith("zh") ? "zh" : "en");
}

let partWords: Locale;

/** The words of antd's own parts, in the language of the page. */
export function wordsOfParts(): Locale {
  return partWords;
}

export async function startTexts(): Promise<void> {
  const first = firstLanguage();
  const { texts, locale: words } = await loaders[first]();
  partWords = words;
  await i18next.use(initReactI18next).init({
    lng: first,
    fallbackLng: false,
    resources: { [first]: texts },
    defaultNS: "common",
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = first;
}

/** Change the language of the page; its texts are loaded when they are first wanted. */
export async function changeLanguage(wanted: Language): Promise<void> {
  if (wanted === i18next.language) return;
  const { texts, locale: words } = await loaders[wanted]();
  partWords = words;
  for (const [namespace, content] of Object.entries(texts))
    i18next.addResourceBundle(wanted, namespace, content);
  await i18next.changeLanguage(wanted);
  document.documentElement.lang = wanted;
  remember("language", wanted);
}

/** The same here and in the other tabs: the person's own choice. */
export async function chooseLanguage(wanted: Language): Promise<void> {
  await changeLanguage(wanted);
  announce({ kind: "language", language: wanted });
}
