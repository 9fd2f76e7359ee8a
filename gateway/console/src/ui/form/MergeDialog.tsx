import { Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schema, text } from "../../api/contract.ts";
import { Value } from "../Values.tsx";
import type { Conflict } from "./submit.ts";

interface Properties {
  conflict: Conflict;
  schema: Schema;
  busy: boolean;
  onCancel: () => void;
  onDecide: (body: Record<string, unknown>) => void;
}

/** Two people changed the same fields: one decides, field by field, which value holds. */
export default function MergeDialog({ conflict, schema, busy, onCancel, onDecide }: Properties) {
  const { t } = useTranslation();
  const { base, mine, theirs, fields } = conflict;
  const [choice, setChoice] = useState<Record<string, "mine" | "theirs">>({});
  const undecided = fields.filter((name) => !choice[name]);
  const body = () =>
    Object.fromEntries(
      Object.entries(mine).filter(([name]) => !fields.includes(name) || choice[name] === "mine"),
    );
  const show = (name: string, of: Record<string, unknown>) => (
    <Value name={name} field={schema.fields[name]} row={{ ...theirs.data, ...of }} />
  );
  return (
    <Modal
      open
      width={640}
      title={t("merge.title")}
      mask={{ closable: false }}
      okText={t("save")}
      cancelText={t("cancel")}
      okButtonProps={{ disabled: undecided.length > 0, loading: busy }}
      onOk={() => onDecide(body())}
      onCancel={onCancel}
    >
      <p style={{ marginBottom: 16 }}>
        {t("merge.why", { name: theirs.data.updated_by_name ?? t("merge.somebody") })}
      </p>
      <div className="k-stack">
        {fields.map((name) => (
          <fieldset key={name} className="k-panel k-panel-body" style={{ margin: 0 }}>
            <legend>
              <b>{text(schema.fields[name]?.label, name)}</b>
            </legend>
            <p className="k-small k-muted">
              {t("merge.was")} {show(name, base)}
            </p>
            <Radio.Group
              value={choice[name]}
              onChange={(event) => setChoice({ ...choice, [name]: event.target.value })}
              style={{ display: "flex", flexDirection: "column", gap: 4 }}
            >
              <Radio value="mine">
                {t("merge.mine")} <b>{show(name, mine)}</b>
              </Radio>
              <Radio value="theirs">
                {t("merge.theirs")} <b>{show(name, theirs.data)}</b>
              </Radio>
            </Radio.Group>
          </fieldset>
        ))}
      </div>
    </Modal>
  );
}
