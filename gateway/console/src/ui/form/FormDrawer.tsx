import { Button, Drawer, Form, Modal } from "antd";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePhone } from "../../lib/screen.ts";
import { useSaved } from "../feedback.ts";
import { useAddress } from "../list/state.ts";
import { focusFirst } from "./layout.ts";
import { OperationForm, type OperationFormProperties } from "./OperationForm.tsx";

type Row = Record<string, any>;

interface Properties extends Omit<OperationFormProperties, "form" | "onSaved" | "onState"> {
  title: string;
  /** The words on the button that saves. */
  submit?: string;
  /** A small dialog for a few fields; else a drawer, beside which the page stays in sight. */
  small?: boolean;
  danger?: boolean;
  /** What the act means, above the fields. */
  intro?: ReactNode;
  /** Offers to save and go on with the next new one. */
  again?: boolean;
  onSaved?: (saved: Row, again: boolean) => void;
  /** The detail of the toast. */
  toast?: (saved: Row) => string | undefined;
}

/** The form of an operation, opened by `?form=<operation>`, on lists with `&of=<row>`, so that Back closes it. */
export function FormDrawer(properties: Properties) {
  const { search } = useAddress();
  return search.form === properties.operation ? <OpenForm {...properties} /> : null;
}

function OpenForm({ title, submit, small, danger, intro, again, onSaved, toast, ...form }: Properties) {
  const { t } = useTranslation();
  const { change } = useAddress();
  const [instance] = Form.useForm();
  const saved = useSaved();
  const phone = usePhone();
  const [state, setState] = useState({ faults: 0, busy: false });
  const [round, setRound] = useState(0);
  const goOn = useRef(false);

  const close = () => change({ form: undefined, of: undefined }, true);
  const done = (answer: Row) => {
    saved(toast?.(answer));
    if (goOn.current) {
      instance.resetFields();
      setRound(round + 1);
    } else close();
    onSaved?.(answer, goOn.current);
    goOn.current = false;
  };
  const save = (more: boolean) => {
    goOn.current = more;
    instance.submit();
  };
  const content = (
    <>
      {intro && <div style={{ marginBottom: 16 }}>{intro}</div>}
      <OperationForm key={round} {...form} form={instance} onSaved={done} onState={setState} />
    </>
  );
  const buttons = (
    <div className="k-wrap">
      <Button type="primary" danger={danger ?? false} loading={state.busy} onClick={() => save(false)}>
        {submit ?? t("save")}
      </Button>
      {again && <Button onClick={() => save(true)}>{t("form.saveAndNew")}</Button>}
      <Button onClick={close}>{t("cancel")}</Button>
      <span className="k-space" />
      <span role="status" className="k-late">
        {state.faults > 0 && t("form.faults", { count: state.faults })}
      </span>
    </div>
  );
  const shared = { open: true, title, mask: { closable: false } };
  if (small)
    return (
      <Modal
        {...shared}
        onCancel={close}
        footer={buttons}
        afterOpenChange={(open) => open && focusFirst(instance, form.fields)}
      >
        {content}
      </Modal>
    );
  return (
    <Drawer
      {...shared}
      onClose={close}
      size={phone ? "100%" : 600}
      footer={buttons}
      afterOpenChange={(open) => open && focusFirst(instance, form.fields)}
    >
      {content}
    </Drawer>
  );
}
