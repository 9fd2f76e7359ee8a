import { Button, Form } from "antd";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Loaded } from "../../api/call.ts";
import type { Service } from "../../api/contract.ts";
import { useLoaded } from "../../api/queries.ts";
import { useSaved } from "../feedback.ts";
import { type FormField, focusFirst, specOf } from "./layout.ts";
import { OperationForm } from "./OperationForm.tsx";

interface Properties {
  service: Service;
  operation: string;
  /** The operation that reads the record, whose version the change builds on. */
  read: string;
  path: Record<string, string>;
  fields: FormField[];
  /** Whether only changed fields are sent, of those that may be edited. */
  partial?: boolean;
  submit?: string;
  onClose: () => void;
}

/** A short form where the record stands, in a row of a list or of a plan. */
export function InPlaceForm({
  service,
  operation,
  read,
  path,
  fields,
  partial = false,
  submit,
  onClose,
}: Properties) {
  const { t } = useTranslation();
  const loaded = useLoaded(service, read as never, { path: path as never, staleTime: 0 });
  const [form] = Form.useForm();
  const [busy, setBusy] = useState(false);
  const saved = useSaved();
  const base = loaded.isFetchedAfterMount ? (loaded.data as Loaded<any> | undefined) : undefined;
  const asked = partial ? fields.filter((field) => base?.data.editable.includes(specOf(field).name)) : fields;
  const begin = useEffectEvent(() => focusFirst(form, asked));
  const ready = base !== undefined;
  useEffect(() => {
    if (ready) begin();
  }, [ready]);
  if (!base) return null;
  return (
    <div className="k-sunk" style={{ marginTop: 6 }}>
      <OperationForm
        form={form}
        service={service}
        operation={operation}
        read={read}
        path={path}
        base={base}
        partial={partial}
        fields={asked}
        onState={(state) => setBusy(state.busy)}
        onSaved={() => {
          saved();
          onClose();
        }}
      />
      <div className="k-row">
        <Button color="primary" variant="outlined" size="small" loading={busy} onClick={() => form.submit()}>
          {submit ?? t("save")}
        </Button>
        <Button size="small" type="text" onClick={onClose}>
          {t("cancel")}
        </Button>
      </div>
    </div>
  );
}
