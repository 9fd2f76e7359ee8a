// Compares zh.json and en.json of src/i18n and of every feature: keys and placeholders; and finds
// texts that no source uses.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { conclude, sources, src } from "./sources.ts";

type Texts = { [key: string]: string | Texts };

// English has two forms of a text with a number, Chinese has one: `count_one`, `count_other`.
const FORM = /_(one|other)$/;
const STRING = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`([^`]*)`/g;
const HOLE = /\$\{[^}]*\}/;

/** The texts by their whole key, such as `form.save`. */
function flat(texts: Texts, prefix = ""): Map<string, string> {
  const entries = Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value] as const] : [...flat(value, `${prefix}${key}.`)],
  );
  return new Map(entries);
}

/** The placeholders by key, those of all forms together. */
function placeholders(texts: Map<string, string>): Map<string, string> {
  const found = new Map<string, Set<string>>();
  for (const [key, text] of texts) {
    const names = found.get(key.replace(FORM, "")) ?? new Set();
    for (const [, name = ""] of text.matchAll(/\{\{\s*([^},\s]+)[^}]*\}\}/g)) names.add(name);
    found.set(key.replace(FORM, ""), names);
  }
  return new Map([...found].map(([key, names]) => [key, [...names].sort().join(", ")]));
}

/** What one file lacks, or has too much of, compared with the other. */
function compare(folder: string): string[] {
  const [zh, en] = ["zh", "en"].map((language) => read(folder, language)) as [Texts, Texts];
  const [chinese, english] = [placeholders(flat(zh)), placeholders(flat(en))];
  const faults: string[] = [];
  for (const [language, texts] of Object.entries({ zh, en }))
    for (const [key, text] of flat(texts))
      if (text.trim() === "") faults.push(`${key} is empty in ${language}.json`);
  for (const key of chinese.keys()) if (!english.has(key)) faults.push(`${key} is missing in en.json`);
  for (const [key, names] of english) {
    const expected = chinese.get(key);
    if (expected === undefined) faults.push(`${key} is missing in zh.json`);
    else if (expected !== names)
      faults.push(`${key} has other placeholders: zh {${expected}}, en {${names}}`);
  }
  for (const key of flat(en).keys())
    if (key.endsWith("_other") && !flat(en).has(key.replace(FORM, "_one")))
      faults.push(`${key.replace(FORM, "_one")} is missing in en.json`);
  return faults.map((fault) => `${folder}: ${fault}`);
}

function read(folder: string, language: string): Texts {
  return JSON.parse(readFileSync(join(src, folder, `${language}.json`), "utf8"));
}

/** Strings of the sources: as they are, and as patterns where a part is computed: `state.${code}`. */
function uses(): { literals: Set<string>; patterns: RegExp[] } {
  const literals = new Set<string>();
  const patterns: RegExp[] = [];
  for (const { path, text } of sources()) {
    if (/\.test\.tsx?$/.test(path)) continue;
    for (const [, double, single, template] of text.matchAll(STRING)) {
      const parts = (double ?? single ?? template ?? "").split(HOLE);
      if (parts.length === 1) literals.add(parts[0] as string);
      else if (parts.some((part) => /^[\w.:-]*[.:_][\w.:-]*$/.test(part) && /\w/.test(part)))
        patterns.push(pattern(parts));
    }
  }
  return { literals, patterns };
}

function pattern(parts: string[]): RegExp {
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".+")}$`);
}

function unused(folder: string, { literals, patterns }: ReturnType<typeof uses>): string[] {
  const space = folder === "i18n" ? "common" : basename(folder);
  return [...placeholders(flat(read(folder, "zh"))).keys()]
    .filter((key) => {
      const names = [key, `${space}:${key}`];
      return !names.some((name) => literals.has(name) || patterns.some((pattern) => pattern.test(name)));
    })
    .map((key) => `${folder}: no source uses ${key}`);
}

const features = readdirSync(join(src, "features")).map((feature) => `features/${feature}`);
const folders = ["i18n", ...features].filter((folder) =>
  ["zh", "en"].some((language) => existsSync(join(src, folder, `${language}.json`))),
);
const used = uses();
const faults = folders.flatMap((folder) => {
  const missing = ["zh.json", "en.json"].filter((name) => !existsSync(join(src, folder, name)));
  if (missing.length > 0) return [`${folder} has no ${missing[0]}`];
  return [...compare(folder), ...unused(folder, used)];
});
conclude("texts", faults, `${folders.length} pairs of files agree`);
