import { DownloadOutlined } from "@ant-design/icons";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf, send } from "../../api/call.ts";
import { operationOf, type Service } from "../../api/contract.ts";
import { useMay } from "../../api/me.ts";
import { useFault } from "../feedback.ts";
import type { ListState } from "./state.ts";

interface Properties {
  service: Service;
  operation: string;
  path?: Record<string, string>;
  query: ListState;
  small?: boolean;
  label?: string;
}

/** Download what the list shows, as CSV or Excel. The server writes the whole file first, which takes a while. */
export function Export({ service, operation, path, query, small = false, label }: Properties) {
  const { t } = useTranslation();
  const { notification } = App.useApp();
  const fault = useFault();
  const may = useMay();
  const [busy, setBusy] = useState(false);
  const of = operationOf(service, operation);
  if (!may(of.permission)) return null;
  const download = async (format: "csv" | "xlsx") => {
    setBusy(true);
    const known = Object.fromEntries(Object.entries(query).filter(([name]) => name in of.query));
    try {
      const response = await send("GET", addressOf(service, operation, path, { ...known, format }).url);
      const name =
        /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ??
        `${operation}.${format}`;
      save(await response.blob(), name);
      notification.success({ title: t("export.done"), description: name, role: "status" });
    } catch (problem) {
      fault(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dropdown
      autoFocus
      trigger={["click"]}
      disabled={busy}
      menu={{
        items: [
          { key: "xlsx", label: "Excel", onClick: () => download("xlsx") },
          { key: "csv", label: "CSV", onClick: () => download("csv") },
        ],
      }}
    >
      <Button icon={<DownloadOutlined />} loading={busy} size={small ? "small" : "middle"}>
        {busy ? t("export.busy") : (label ?? t("export.do"))}
      </Button>
    </Dropdown>
  );
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
