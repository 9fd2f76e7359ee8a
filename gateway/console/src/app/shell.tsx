import {
  BellOutlined,
  MenuFoldOutlined,
  MenuOutlined,
  PlusOutlined,
  SearchOutlined,
} from "@ant-design/icons";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Button, Dropdown, Tooltip } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/me.ts";
import { usePreferences } from "../api/preferences.ts";
import { usePhone } from "../lib/screen.ts";
import { recall, remember } from "../lib/storage.ts";
import { Announcer } from "../ui/announcer.tsx";
import { themeStore } from "../ui/appearance.ts";
import { Brand } from "./brand.tsx";
import { pages } from "./features.ts";
import { keepFocus } from "./focus.ts";
import { icons } from "./icons.tsx";
import { Navigation, useMenu, useMenuText } from "./navigation.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { SessionDialog, useLateNotice, VersionNotice } from "./session.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { useUnread } from "./unread.ts";

const Palette = lazy(() => import("./palette.tsx"));
const PhoneMenu = lazy(() => import("./phone-menu.tsx"));

/** The frame around every page of somebody who is signed in. */
export function Shell() {
  const { t } = useTranslation();
  const phone = usePhone();
  const [folded, setFolded] = useState(() => recall("folded", false));
  const [menuOpen, setMenuOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const unread = useUnread();
  useLateNotice();
  const { theme } = usePreferences();
  useEffect(() => themeStore.choose(theme), [theme]);
  useEffect(keepFocus, []);
  useShortcuts(() => setPaletteOpen(true));
  const counts = { "/notifications": { value: unread, hot: true } };
  const fold = () => {
    remember("folded", !folded);
    setFolded(!folded);
  };
  return (
    <div className="k-frame" data-folded={folded || undefined}>
      <a className="k-skip" href="#content">
        {t("shell.skip")}
      </a>
      <div className="k-side">
        <div className="k-row">
          {!folded && <Brand />}
          <span className="k-space" />
          <Tooltip title={t(folded ? "shell.unfold" : "shell.fold")} placement="right">
            <Button
              type="text"
              icon={<MenuFoldOutlined />}
              aria-label={t(folded ? "shell.unfold" : "shell.fold")}
              onClick={fold}
            />
          </Tooltip>
        </div>
        <Find folded={folded} onOpen={() => setPaletteOpen(true)} />
        <nav aria-label={t("shell.menu")}>
          <Navigation folded={folded} counts={counts} />
        </nav>
        <PersonMenu folded={folded} />
      </div>
      <div className="k-bar">
        <Button
          type="text"
          icon={<MenuOutlined />}
          aria-label={t("shell.menu")}
          onClick={() => setMenuOpen(true)}
        />
        <strong>Kehu 客户</strong>
        <Button
          type="text"
          icon={<SearchOutlined />}
          aria-label={t("shell.find")}
          onClick={() => setPaletteOpen(true)}
        />
        <Link
          to="/notifications"
          search={{}}
          className="k-bell"
          aria-label={t("shell.unread", { count: unread })}
        >
          <BellOutlined style={{ fontSize: 20, padding: 10 }} />
          {unread > 0 && <span className="k-unread">{unread > 99 ? "99+" : unread}</span>}
        </Link>
      </div>
      <main id="content" className="k-sheet" tabIndex={-1}>
        <VersionNotice />
        <Outlet />
      </main>
      {phone && <TabBar />}
      <Suspense>{menuOpen && <PhoneMenu counts={counts} onClose={() => setMenuOpen(false)} />}</Suspense>
      <Suspense>{paletteOpen && <Palette onClose={() => setPaletteOpen(false)} />}</Suspense>
      <SessionDialog />
      <Announcer />
    </div>
  );
}

function Find({ folded, onOpen }: { folded: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  const create = useCreateMenu();
  const plus = create.length > 0 && (
    <Dropdown autoFocus trigger={["click"]} menu={{ items: create }}>
      <Button icon={<PlusOutlined />} aria-label={t("shell.create")} />
    </Dropdown>
  );
  if (folded)
    return (
      <>
        <Button icon={<SearchOutlined />} aria-label={t("shell.find")} onClick={onOpen} />
        {plus}
      </>
    );
  return (
    <div className="k-row">
      <Button className="k-find" icon={<SearchOutlined />} onClick={onOpen}>
        <span className="k-ellipsis">{t("shell.find")}</span>
        <span className="k-space" />
        <kbd>Ctrl K</kbd>
      </Button>
      {plus}
    </div>
  );
}

/** What this person may create, from anywhere. */
function useCreateMenu() {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  return pages
    .filter((page) => page.create && may(page.create.permission))
    .map((page) => ({
      key: page.path,
      label: t(page.create?.text as never) as string,
      onClick: () => navigate({ to: page.path, search: { form: page.create?.operation } }),
    }));
}

/** On phones, the first page of each group at the bottom; the others are in the menu. */
function TabBar() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const menuText = useMenuText();
  const entries = useMenu()
    .flatMap((group) => group.entries.slice(0, 1))
    .slice(0, 5);
  return (
    <nav className="k-tabbar" aria-label={t("shell.main")}>
      {entries.map((page) => (
        <Link
          key={page.path}
          to={page.path}
          search={{}}
          aria-current={pathname === page.path ? "page" : undefined}
        >
          {icons[page.menu?.icon ?? ""]}
          {menuText(page)}
        </Link>
      ))}
    </nav>
  );
}
