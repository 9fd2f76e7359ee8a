import { MoreOutlined } from "@ant-design/icons";
import { App, Button, Dropdown } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Service } from "../../api/contract.ts";
import { useAct } from "../../api/queries.ts";
import { usePhone } from "../../lib/screen.ts";
import { useFault, useSaved } from "../feedback.ts";
import { useAddress } from "../list/state.ts";

/** Something that may be done with a record. It shows if the record's `actions` name its operation. */
export interface Action {
  operation: string;
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  /** The page's one filled button. */
  primary?: boolean;
  /** In the menu under "…", not as a button. */
  rare?: boolean;
  /** Called without a form, after this question if there is one. */
  direct?: { question?: string; done?: (answer: any) => void; etag?: string | undefined };
  /** A way of its own, instead of a form. */
  run?: () => void;
}

interface Properties {
  service: Service;
  path: Record<string, string>;
  /** The operations that may be called now. */
  allowed: readonly string[];
  actions: Action[];
}

/** On a phone as many as fit into a row; the others join the rare ones in the menu. */
const ON_PHONE = 2;

/** The buttons of a record: what is allowed now, and no other. */
export function Actions({ service, path, allowed, actions }: Properties) {
  const { t } = useTranslation();
  const { change } = useAddress();
  const shown = actions.filter((action) => allowed.includes(action.operation));
  const often = shown.filter((action) => !action.rare);
  const buttons = usePhone() ? often.slice(0, ON_PHONE) : often;
  const rare = shown.filter((action) => !buttons.includes(action));
  const direct = useDirect(service, path);
  const run = (action: Action) => {
    if (action.run) return action.run();
    return action.direct ? direct(action) : change({ form: action.operation });
  };
  if (shown.length === 0) return null;
  return (
    <div className="k-wrap" role="toolbar" aria-label={t("record.actions")}>
      {buttons.map((action) => (
        <Button
          key={action.operation}
          data-operation={action.operation}
          type={action.primary ? "primary" : "default"}
          danger={action.danger ?? false}
          icon={action.icon}
          onClick={() => run(action)}
        >
          {action.label}
        </Button>
      ))}
      {rare.length > 0 && (
        <Dropdown
          autoFocus
          trigger={["click"]}
          menu={{
            items: rare.map((action) => ({
              key: action.operation,
              label: <span data-operation={action.operation}>{action.label}</span>,
              danger: action.danger ?? false,
              icon: action.icon,
              onClick: () => run(action),
            })),
          }}
        >
          <Button icon={<MoreOutlined />} aria-label={t("record.more")} />
        </Dropdown>
      )}
    </div>
  );
}

/** Call an operation that needs no form, after asking where it cannot be undone. */
export function useDirect(service: Service, path: Record<string, string>) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const saved = useSaved();
  const fault = useFault();
  const act = useAct(service);
  return (action: Action) => {
    const run = async () => {
      try {
        const { data } = await act.mutateAsync({
          operation: action.operation,
          path,
          etag: action.direct?.etag,
        });
        saved();
        action.direct?.done?.(data);
      } catch (problem) {
        fault(problem);
      }
    };
    if (!action.direct?.question) return run();
    return modal.confirm({
      title: action.label,
      content: action.direct.question,
      okText: action.label,
      cancelText: t("cancel"),
      okButtonProps: { danger: action.danger ?? false },
      onOk: run,
    });
  };
}
