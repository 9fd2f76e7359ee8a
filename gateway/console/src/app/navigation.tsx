import { Link, useLocation } from "@tanstack/react-router";
import { Menu } from "antd";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/me.ts";
import type { MenuGroup, PageEntry } from "../ui/pages.ts";
import { pages } from "./features.ts";
import { icons } from "./icons.tsx";

const GROUPS: MenuGroup[] = ["start", "marketing", "customers", "churn", "service", "reports", "system"];

/** The name of a page in the menu. */
export function useMenuText(): (page: PageEntry) => string {
  const { t } = useTranslation();
  return (page) => t(page.menu?.text as never) as string;
}

/** What this person may open, by group, in the order of the menu. */
export function useMenu(): { group: MenuGroup; entries: PageEntry[] }[] {
  const may = useMay();
  const entries = pages.filter((page) => page.menu && may(page.permission));
  return GROUPS.map((group) => ({
    group,
    entries: entries
      .filter((page) => page.menu?.group === group)
      .sort((one, other) => (one.menu?.order ?? 0) - (other.menu?.order ?? 0)),
  })).filter(({ entries: shown }) => shown.length > 0);
}

interface Properties {
  folded?: boolean;
  /** Numbers beside entries, by path. */
  counts: Record<string, { value: number; hot?: boolean }>;
  onChosen?: () => void;
}

export function Navigation({ folded = false, counts, onChosen }: Properties) {
  const { t } = useTranslation();
  const groups = useMenu();
  const menuText = useMenuText();
  const { pathname } = useLocation();
  const chosen = groups
    .flatMap(({ entries }) => entries.map((page) => page.path))
    .filter((path) => pathname === path || (path !== "/" && pathname.startsWith(`${path}/`)))
    .sort((one, other) => other.length - one.length)[0];
  const items = groups.map(({ group, entries }) => ({
    type: "group" as const,
    key: group,
    label: folded || group === "start" ? null : t(`groups.${group}`),
    children: entries.map((page) => ({
      key: page.path,
      icon: icons[page.menu?.icon ?? ""],
      title: menuText(page),
      label: (
        <Link to={page.path} search={{}} aria-current={page.path === chosen ? "page" : undefined}>
          {menuText(page)}
          <Counted {...counts[page.path]} />
        </Link>
      ),
    })),
  }));
  return (
    <Menu
      mode="inline"
      inlineIndent={9}
      inlineCollapsed={folded}
      items={items}
      selectedKeys={chosen ? [chosen] : []}
      onClick={onChosen}
    />
  );
}

function Counted({ value, hot }: { value?: number; hot?: boolean }) {
  if (!value) return null;
  return (
    <span className="k-menu-count" data-hot={hot || undefined}>
      {value > 99 ? "99+" : value}
    </span>
  );
}
