import { TableOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/contract.ts";
import { useChangePreferences } from "../../api/preferences.ts";
import { type Column, columnTitle } from "./columns.tsx";

interface ColumnChoiceProperties {
  name: string;
  schema: Schema;
  columns: Column[];
  shown: Column[];
}

/** Which columns a list shows: the person's own choice. */
export function ColumnChoice({ name, schema, columns, shown }: ColumnChoiceProperties) {
  const { t } = useTranslation();
  const change = useChangePreferences();
  const keys = shown.map((column) => column.key);
  const choose = (key: string, wanted: boolean) => {
    // The first column stays: it leads to the record.
    const next = columns
      .map((column) => column.key)
      .filter((one) => (one === key ? wanted : keys.includes(one)));
    change({ columns: { [name]: next } });
  };
  const content = (
    <div className="k-stack" style={{ gap: 6, maxHeight: 400, overflow: "auto" }}>
      {columns.map((column, index) => (
        <Checkbox
          key={column.key}
          disabled={index === 0}
          checked={keys.includes(column.key)}
          onChange={(event) => choose(column.key, event.target.checked)}
        >
          {columnTitle(schema, column)}
        </Checkbox>
      ))}
      <Button size="small" type="link" onClick={() => change({ columns: { [name]: null } })}>
        {t("list.standardColumns")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" content={content}>
      <Button size="small" type="text" icon={<TableOutlined />} style={{ marginTop: 10 }}>
        {t("list.columns")}
      </Button>
    </Popover>
  );
}
