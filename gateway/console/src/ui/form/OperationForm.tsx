import { Form, type FormInstance } from "antd";
import {
  Fragment,
  type KeyboardEvent,
  lazy,
  type ReactNode,
  Suspense,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { operationOf, schemaOf, text } from "../../api/contract.ts";
import type { Problem } from "../../api/problem.ts";
import { Control } from "./Control.tsx";
import { FormFault } from "./FormFault.tsx";
import { type FieldSpec, type FormField, isLong, isRequired, specOf } from "./layout.ts";
import { settleFields, useLeaving } from "./leaving.ts";
import { isEmpty, rulesOf } from "./rules.ts";
import { type Conflict, type Outcome, type Target, useSubmit } from "./submit.ts";

type Row = Record<string, any>;

/** Loaded by those whom a colleague has come before. */
const MergeDialog = lazy(() => import("./MergeDialog.tsx"));

export interface OperationFormProperties extends Target {
  fields: FormField[];
  initial?: Row;
  /** Changes what is sent, where the form's fields are not the body's. */
  shape?: (values: Row) => Row;
  /** A refusal that one may overrule, by sending the same once more with this field set. */
  insist?: Insist;
  onSaved: (saved: Row) => void;
  form: FormInstance;
  /** Told the number of faulty fields, and whether it is on its way. */
  onState?: (state: { faults: number; busy: boolean }) => void;
}

export interface Insist {
  code: string;
  field: string;
  label: string;
  /** What the refusal is about. */
  about?: (fault: Problem) => ReactNode;
}

/** A form for the body of an operation: fields, rules and labels come from the contract. */
export function OperationForm(properties: OperationFormProperties) {
  const { service, operation, base, fields, form, shape = (values) => values, insist } = properties;
  const { onSaved, onState } = properties;
  const { t } = useTranslation();
  const schema = schemaOf(service, operationOf(service, operation).body ?? "");
  const { submit, resolve, fault, busy } = useSubmit(properties);
  const sending = useRef(false);
  const [conflict, setConflict] = useState<Conflict>();
  const [above, setAbove] = useState<Problem>();
  const specs = fields.map(specOf);
  const initial = { ...defaults(schema, specs), ...pick(base?.data, specs), ...properties.initial };

  function settle(outcome: Outcome | undefined) {
    onState?.({ faults: 0, busy: false });
    if (!outcome) return;
    if ("conflict" in outcome) setConflict(outcome.conflict);
    else {
      setConflict(undefined);
      settleFields(form);
      onSaved(outcome.saved);
    }
  }
  async function send(overruling: Row = {}) {
    // A second click, or Enter, comes before the button shows that it is busy.
    if (sending.current) return;
    sending.current = true;
    onState?.({ faults: 0, busy: true });
    const body = bodyOf(schema, specs, form.getFieldsValue(true), Boolean(properties.partial));
    try {
      settle(await submit(shape({ ...body, ...overruling })));
    } finally {
      sending.current = false;
    }
  }
  useLeaving(form, operation);
  useFaults(form, fault, specs, setAbove, onState);

  return (
    <Form
      form={form}
      // Several forms of a page may ask for the same: their fields are told apart by this name.
      name={useId()}
      layout="vertical"
      initialValues={initial}
      scrollToFirstError={{ focus: true }}
      onFinish={() => send()}
      // Of two submits at once the first ends here, without faults, while the second is being sent.
      onFinishFailed={({ errorFields }) => onState?.({ faults: errorFields.length, busy: sending.current })}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing)
          form.submit();
      }}
    >
      {above && (
        <Form.Item>
          <FormFault
            fault={above}
            creates={!base}
            onAgain={() => form.submit()}
            insist={insist?.code === above.code ? insist : undefined}
            onInsist={() => insist && send({ [insist.field]: true })}
          />
        </Form.Item>
      )}
      <div className="k-fields">
        {specs.map((spec) => (
          <Fragment key={spec.name}>
            {spec.section && <h2 className="k-wide k-section">{spec.section}</h2>}
            <Entry
              spec={spec}
              field={schema.fields[spec.name]}
              required={isRequired(schema, spec, properties.partial)}
            />
          </Fragment>
        ))}
      </div>
      {/* Enter in a field sends the form, as browsers do where there is a submit button. */}
      <button type="submit" hidden tabIndex={-1} disabled={busy}>
        {t("save")}
      </button>
      <Suspense>
        {conflict && (
          <MergeDialog
            conflict={conflict}
            schema={schema}
            busy={busy}
            onCancel={() => setConflict(undefined)}
            onDecide={async (body) => settle(await resolve(body, conflict.theirs))}
          />
        )}
      </Suspense>
    </Form>
  );
}

function Entry({
  spec,
  field,
  required,
}: {
  spec: FieldSpec;
  field: ReturnType<typeof schemaOf>["fields"][string] | undefined;
  required: boolean;
}) {
  const { t } = useTranslation();
  const long = isLong(field);
  const item = (
    <Form.Item
      name={spec.name}
      label={spec.label ?? text(field?.label, spec.name)}
      required={required}
      rules={rulesOf(field, required, t)}
      extra={spec.hint}
      validateTrigger="onBlur"
      className={(spec.wide ?? long) ? "k-wide" : ""}
    >
      {spec.control ?? <Control field={field} aria-required={required} />}
    </Form.Item>
  );
  if (!spec.when) return item;
  return (
    <Form.Item noStyle shouldUpdate>
      {({ getFieldsValue }) => (spec.when?.(getFieldsValue(true)) ? item : null)}
    </Form.Item>
  );
}

/** The faults that the server found: each at its field, the first one focused; the others above the form. */
function useFaults(
  form: FormInstance,
  fault: Problem | undefined,
  specs: FieldSpec[],
  setAbove: (fault: Problem | undefined) => void,
  onState: OperationFormProperties["onState"],
): void {
  const latest = useRef({ specs, setAbove, onState });
  latest.current = { specs, setAbove, onState };
  useEffect(() => {
    const names = new Set(latest.current.specs.map((spec) => spec.name));
    const placed = (fault?.errors ?? []).filter(({ pointer }) => names.has(pointer.split("/")[1] ?? ""));
    form.setFields(placed.map(({ pointer, detail }) => ({ name: pointer.split("/")[1], errors: [detail] })));
    latest.current.setAbove(placed.length > 0 && placed.length === fault?.errors.length ? undefined : fault);
    if (placed[0]) form.scrollToField(placed[0].pointer.split("/")[1], { focus: true });
    latest.current.onState?.({ faults: placed.length, busy: false });
  }, [fault, form]);
}

type Schema = ReturnType<typeof schemaOf>;

function defaults(schema: Schema, specs: FieldSpec[]): Row {
  return Object.fromEntries(
    specs.map(({ name }) => [name, schema.fields[name]?.default]).filter(([, value]) => value !== undefined),
  );
}

function pick(row: Row | undefined, specs: FieldSpec[]): Row {
  return row ? Object.fromEntries(specs.map(({ name }) => [name, row[name]])) : {};
}

/** What is sent: texts without spaces around them; what is empty is null in an edit, and left out elsewhere. */
function bodyOf(schema: Schema, specs: FieldSpec[], values: Row, partial: boolean): Row {
  const entries = specs
    .filter((spec) => !spec.when || spec.when(values))
    .map(({ name }) => [name, typeof values[name] === "string" ? values[name].trim() : values[name]] as const)
    .map(
      ([name, value]) =>
        [
          name,
          isEmpty(value) ? (schema.fields[name]?.kind === "array" ? (value ?? []) : null) : value,
        ] as const,
    );
  return Object.fromEntries(entries.filter(([, value]) => partial || !isEmpty(value)));
}
