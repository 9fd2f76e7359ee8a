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
  /** Required although the contract cannot say so. */
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

export function isRequired(schema: Schema, spec: FieldSpec): boolean {
  return (
    spec.required ?? (schema.required.includes(spec.name) && schema.fields[spec.name]?.default === undefined)
  );
}
