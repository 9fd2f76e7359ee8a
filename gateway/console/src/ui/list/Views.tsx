import { DownOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, Dropdown, Input, Tabs } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { text } from "../../api/contract.ts";
import { roles } from "../../api/generated/operations.ts";
import { useFault } from "../feedback.ts";
import { type ListState, useAddress } from "./state.ts";
import { useViewChanges, type View } from "./views.ts";

interface Properties {
  list: string;
  views: View[];
  active: View | undefined;
  /** The list's parameters as they are now. */
  query: ListState;
  columns: readonly string[];
}

/** Whether the list differs from what its view sets. */
export function differs(view: View, query: ListState): boolean {
  const names = new Set([...Object.keys(view.state), ...Object.keys(query)]);
  return [...names].some((name) => (view.state[name] ?? "") !== (query[name] ?? ""));
}

/**
 * The views of a list as tabs, and beside them what may be done with a view: within the list of tabs, screen
 * readers would take buttons for tabs. An amber dot says that what is shown differs from the view.
 */
export function Views({ list, views, active, query, columns }: Properties) {
  const { t } = useTranslation();
  const { set } = useAddress();
  const { update } = useViewChanges(list);
  const fault = useFault();
  const askName = useNameDialog(list, query, columns);
  const changed = active !== undefined && differs(active, query);
  const open = (view: View) => set({ ...view.state, view: view.key });
  return (
    <div className="k-views">
      <Tabs
        activeKey={active?.key ?? ""}
        onChange={(key) => {
          const view = views.find((one) => one.key === key);
          if (view) open(view);
        }}
        items={views.map((view) => ({
          key: view.key,
          label: (
            <>
              {view.label}
              {view.count !== undefined && <span className="k-small k-muted"> {view.count}</span>}
              {view === active && changed && (
                <span className="k-changed" role="img" aria-label={t("views.changed")} />
              )}
            </>
          ),
        }))}
      />
      {changed && active?.saved?.editable.includes("filters") && (
        <Button type="link" size="small" onClick={() => update(active.key, query, columns).catch(fault)}>
          {t("views.save")}
        </Button>
      )}
      {changed && active && (
        <Button type="text" size="small" onClick={() => open(active)}>
          {t("views.reset")}
        </Button>
      )}
      <Button type="text" size="small" icon={<PlusOutlined />} onClick={askName}>
        {t("views.add")}
      </Button>
      {active?.saved && <ViewMenu list={list} view={active} fallback={views[0]} />}
    </div>
  );
}

/** Ask what the new view is called, and save what is shown under that name. */
function useNameDialog(list: string, query: ListState, columns: readonly string[]) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const { set } = useAddress();
  const { create } = useViewChanges(list);
  const fault = useFault();
  const name = useRef("");
  return () =>
    modal.confirm({
      title: t("views.add"),
      icon: null,
      content: (
        <Input
          autoFocus
          maxLength={100}
          aria-label={t("views.name")}
          placeholder={t("views.name")}
          onChange={(event) => {
            name.current = event.target.value.trim();
          }}
        />
      ),
      okText: t("save"),
      cancelText: t("cancel"),
      onOk: async () => {
        if (!name.current) throw new Error("A view needs a name.");
        try {
          await set({ ...query, view: await create(name.current, query, columns) });
        } catch (problem) {
          fault(problem);
        }
      },
    });
}

/** What may be done with a saved view: share, make the default, delete. */
function ViewMenu({ list, view, fallback }: { list: string; view: View; fallback: View | undefined }) {
  const { t } = useTranslation();
  const { set } = useAddress();
  const changes = useViewChanges(list);
  const fault = useFault();
  const saved = view.saved;
  if (!saved) return null;
  const may = (operation: string) => saved.actions.includes(operation);
  const run = (change: Promise<void>) => change.catch(fault);
  const items = [
    {
      key: "default",
      label: t(saved.is_default ? "views.noDefault" : "views.makeDefault"),
      onClick: () => run(changes.makeDefault(saved.id, !saved.is_default)),
    },
    may("share_saved_view") && {
      key: "share",
      label: t("views.share"),
      children: Object.entries(roles).map(([role, label]) => ({
        key: role,
        label: text(label),
        onClick: () => run(changes.share(saved.id, role)),
      })),
    },
    may("unshare_saved_view") &&
      saved.shared_with_role && {
        key: "unshare",
        label: t("views.unshare"),
        onClick: () => run(changes.share(saved.id, null)),
      },
    may("delete_saved_view") && {
      key: "delete",
      label: t("views.delete"),
      danger: true,
      onClick: () =>
        run(changes.remove(saved.id).then(() => set({ ...fallback?.state, view: fallback?.key }))),
    },
  ].filter((item) => item !== false && item !== null && item !== "") as any[];
  return (
    <Dropdown autoFocus trigger={["click"]} menu={{ items }}>
      <Button type="text" size="small" icon={<DownOutlined />} aria-label={t("views.more")} />
    </Dropdown>
  );
}
