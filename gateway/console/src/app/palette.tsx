import { useNavigate } from "@tanstack/react-router";
import { Input, type InputRef, Modal } from "antd";
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/me.ts";
import { type Hit, hitPath, useSearch } from "../api/search.ts";
import { pages } from "./features.ts";
import { icons } from "./icons.tsx";
import { useMenuText } from "./navigation.tsx";

interface Entry {
  id: string;
  label: ReactNode;
  hint: ReactNode;
  icon?: ReactNode;
  run: () => void;
}

/** One box: records by name, number or phone, pages by name, and what can be created. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const input = useRef<InputRef>(null);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const [awaited, setAwaited] = useState(false);
  const commands = useCommands(words);
  const { hits, missing, searching } = useSearch(words);
  const records = useRecords(hits);
  const entries = [...records, ...commands];
  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  // Who types fast presses Enter before the answer is there; it opens what is found then.
  const arrived = useEffectEvent(() => {
    setAwaited(false);
    choose(entries[at]);
  });
  useEffect(() => {
    if (awaited && !searching) arrived();
  }, [awaited, searching]);
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, entries.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") setAwaited(true);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      open
      onCancel={onClose}
      footer={null}
      closable={false}
      title={<span className="k-hidden">{t("shell.find")}</span>}
      style={{ top: 80 }}
      afterOpenChange={(shown) => shown && input.current?.focus()}
    >
      <Input
        ref={input}
        size="large"
        value={words}
        placeholder={t("palette.placeholder")}
        role="combobox"
        aria-expanded
        aria-controls="palette"
        aria-activedescendant={entries[at] ? `palette-${at}` : undefined}
        aria-label={t("shell.find")}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
          setAwaited(false);
        }}
        onKeyDown={press}
      />
      <div id="palette" role="listbox" aria-label={t("shell.find")} className="k-palette">
        {entries.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input above has the keys
          <div
            key={entry.id}
            role="option"
            id={`palette-${index}`}
            tabIndex={-1}
            aria-selected={index === at}
            className="k-option"
            onClick={() => choose(entry)}
            onMouseEnter={() => setAt(index)}
          >
            {entry.icon}
            <span className="k-space k-ellipsis">{entry.label}</span>
            <span className="k-small k-muted k-ellipsis">{entry.hint}</span>
          </div>
        ))}
      </div>
      <p role="status" className="k-small k-muted">
        {missing.length > 0 && t("palette.missing")}
        {!searching && entries.length === 0 && t("palette.nothing")}
      </p>
    </Modal>
  );
}

/** The pages and forms whose names contain the words. */
function useCommands(words: string): Entry[] {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const menuText = useMenuText();
  const creating = pages
    .filter((page) => page.create && may(page.create.permission))
    .map((page) => ({
      id: `create ${page.path}`,
      label: t(page.create?.text as never) as string,
      hint: t("palette.create"),
      run: () => navigate({ to: page.path, search: { form: page.create?.operation } as never }),
    }));
  const opening = pages
    .filter((page) => page.menu && may(page.permission))
    .map((page) => ({
      id: page.path,
      label: menuText(page),
      hint: t("palette.page"),
      icon: icons[page.menu?.icon ?? ""],
      run: () => navigate({ to: page.path, search: {} }),
    }));
  const part = words.trim().toLowerCase();
  return [...creating, ...opening].filter((entry) => entry.label.toLowerCase().includes(part));
}

function useRecords(hits: Hit[]): Entry[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return hits.map((hit) => ({
    id: `${hit.type} ${hit.id}`,
    label: (
      <>
        {hit.name} <span className="k-muted">{hit.number}</span>
      </>
    ),
    hint: [t(`palette.types.${hit.type}`), hit.detail, hit.match].filter(Boolean).join(" "),
    icon: icons[hit.type],
    run: () => navigate({ href: hitPath(hit) }),
  }));
}
