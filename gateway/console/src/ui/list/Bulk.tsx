import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Row } from "./columns.tsx";

/** Something that can be done with several rows: each by the operation that one row has, with a result each. */
export interface BulkAction {
  key: string;
  label: string;
  icon?: ReactNode;
  /** Whether a row's own actions allow it. */
  allowed: (row: Row) => boolean;
  /** What a row is called in the results. */
  name: (row: Row) => string;
  /** Asks what is needed, such as an assignee; gives the values to `run`. */
  ask?: (set: (value: any) => void) => ReactNode;
  run: (row: Row, value: any) => Promise<unknown>;
}

/** Loaded by those who change rows. */
const BulkDialog = lazy(() => import("./BulkDialog.tsx"));

/** The bar over a list with chosen rows. */
export function BulkBar({
  rows,
  actions,
  onClose,
}: {
  rows: Row[];
  actions: BulkAction[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  // The rows as they were: what is done to them may take them out of the list, but not out of the results.
  const [open, setOpen] = useState<{ action: BulkAction; rows: Row[] }>();
  if (rows.length === 0 && !open) return null;
  return (
    <div className="k-bulk k-wrap" role="toolbar" aria-label={t("bulk.toolbar")}>
      <b>{t("bulk.chosen", { count: rows.length })}</b>
      {actions.map((one) => (
        <Button
          key={one.key}
          size="small"
          icon={one.icon}
          disabled={!rows.some(one.allowed)}
          onClick={() => setOpen({ action: one, rows })}
        >
          {one.label}
        </Button>
      ))}
      <Button
        size="small"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t("bulk.close")}
        onClick={onClose}
      />
      <Suspense>
        {open && (
          <BulkDialog
            {...open}
            onClose={(done) => {
              setOpen(undefined);
              if (done) onClose();
            }}
          />
        )}
      </Suspense>
    </div>
  );
}
