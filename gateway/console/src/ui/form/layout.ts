import type { FormInstance } from "antd";
import type { ReactNode } from "react";
import type { Field, Schema } from "../../api/contract.ts";

export interface ControlProperties {
  id?: string;
  value?: any;
  onChange?: (value: any) => void;
  "aria-required"?: boolean;
}

/** A field of a form: its name, and what differs from what the contract says. */
export interface FieldSpec {
  name: string;
  label?: string;
  /** Begins a part of a long form, under this heading. */
  section?: string;
  /** Takes the whole width. Long texts do by themselves. */
  wide?: boolean;
  /** Whether it must be filled in, where the contract cannot say so, or where it always is. */
  required?: boolean;
  hint?: string;
  /** Its own control; missing: by the contract. */
  control?: ReactNode;
  /** Whether it is asked for, given what the form holds so far. */
  when?: (values: Record<string, any>) => boolean;
}

export type FormField = string | FieldSpec;

export function specOf(field: FormField): FieldSpec {
  return typeof field === "string" ? { name: field } : field;
}

export function isLong(field: Field | undefined): boolean {
  return field?.kind === "text" && !field.codes && (field.maxLength ?? 0) > 300;
}

/** Kinds whose fields always hold something, if only an empty list. */
const NEVER_EMPTY = ["array", "boolean"];

/** Whether a field must be filled in; in an edit, where all may be left out, whether it may not be emptied. */
export function isRequired(schema: Schema, spec: FieldSpec, edit = false): boolean {
  const field = schema.fields[spec.name];
  if (spec.required !== undefined || !field) return spec.required ?? false;
  if (edit) return !field.nullable && !NEVER_EMPTY.includes(field.kind);
  return schema.required.includes(spec.name) && field.default === undefined;
}

/** Begin in the first field. Who is already in one, while the form still slides in, stays there. */
export function focusFirst(form: FormInstance, fields: readonly FormField[]): void {
  const [first] = fields;
  if (first && !document.activeElement?.closest(".k-fields"))
    form.getFieldInstance(specOf(first).name)?.focus?.();
}
