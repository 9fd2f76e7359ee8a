import { useNavigate } from "@tanstack/react-router";
import { Input, type InputRef, Modal } from "antd";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/me.ts";
import { pages } from "./features.ts";
import { useMenuText } from "./navigation.tsx";

interface Command {
  id: string;
  label: string;
  kind: string;
  run: () => void;
}

/** Go to a page or begin something new by typing a part of its name. */
export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const menuText = useMenuText();
  const input = useRef<InputRef>(null);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const commands = useMemo<Command[]>(
    () => [
      ...pages
        .filter((page) => page.create && may(page.create.permission))
        .map((page) => ({
          id: `create ${page.path}`,
          label: t(page.create?.text as never) as string,
          kind: t("palette.create"),
          run: () => navigate({ to: page.path, search: { form: page.create?.operation } }),
        })),
      ...pages
        .filter((page) => page.menu && may(page.permission))
        .map((page) => ({
          id: page.path,
          label: menuText(page),
          kind: t("palette.page"),
          run: () => navigate({ to: page.path, search: {} }),
        })),
    ],
    [t, may, navigate, menuText],
  );
  const found = commands.filter((command) =>
    command.label.toLowerCase().includes(words.trim().toLowerCase()),
  );
  const choose = (command: Command | undefined) => {
    onClose();
    command?.run();
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") choose(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      open={open}
      onCancel={onClose}
      footer={null}
      closable={false}
      title={<span className="k-hidden">{t("shell.find")}</span>}
      destroyOnHidden
      style={{ top: 80 }}
      afterOpenChange={(shown) => {
        if (shown) input.current?.focus();
        else setWords("");
      }}
    >
      <Input
        ref={input}
        size="large"
        value={words}
        placeholder={t("palette.placeholder")}
        role="combobox"
        aria-expanded
        aria-controls="palette"
        aria-activedescendant={found[at] ? `palette-${at}` : undefined}
        aria-label={t("shell.find")}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div
        id="palette"
        role="listbox"
        aria-label={t("shell.find")}
        style={{ maxHeight: 360, overflow: "auto", marginTop: 8 }}
      >
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input above has the keys
          <div
            key={command.id}
            role="option"
            id={`palette-${index}`}
            tabIndex={-1}
            aria-selected={index === at}
            className="k-option"
            onClick={() => choose(command)}
            onMouseEnter={() => setAt(index)}
          >
            <span className="k-space">{command.label}</span>
            <span className="k-small k-muted">{command.kind}</span>
          </div>
        ))}
      </div>
    </Modal>
  );
}
