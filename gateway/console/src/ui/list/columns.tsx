import type { ReactNode } from "react";
import { type Field, type Schema, text } from "../../api/contract.ts";
import { Value } from "../Values.tsx";

export type Row = Record<string, any>;

/** A column of a list. Title, alignment and look come from the contract where they are not given. */
export interface Column<R = any> {
  /** The field of the row. */
  key: string;
  title?: string;
  /** Pixels. */
  width?: number;
  /** The name to sort by, where it is not the field's. */
  sort?: string;
  render?: (row: R) => ReactNode;
  /** The record's name: in bold, and what one clicks on. */
  strong?: boolean;
  /** Aligned at the end, where the contract does not say that it is a number. */
  numeric?: boolean;
  /** Shown only once somebody chose it. */
  optional?: boolean;
}

const WIDTHS: Record<string, number> = {
  date: 112,
  moment: 124,
  amount: 136,
  integer: 96,
  number: 96,
  boolean: 80,
  id: 120,
};

export function fieldOf(schema: Schema, column: Column): Field | undefined {
  return schema.fields[column.key] ?? schema.fields[column.key.replace(/_name$/, "_id")];
}

export function columnTitle(schema: Schema, column: Column): string {
  return column.title ?? text(fieldOf(schema, column)?.label, column.key);
}

export function columnWidth(schema: Schema, column: Column): number {
  return column.width ?? WIDTHS[fieldOf(schema, column)?.kind ?? ""] ?? 140;
}

export function isNumeric(schema: Schema, column: Column): boolean {
  const field = fieldOf(schema, column);
  return column.numeric ?? (!field?.codes && ["amount", "integer", "number"].includes(field?.kind ?? ""));
}

export function Cell({ column, schema, row }: { column: Column; schema: Schema; row: Row }) {
  if (column.render) return <>{column.render(row)}</>;
  return <Value name={column.key} field={schema.fields[column.key]} row={row} />;
}

/** The columns to show: those the person chose, in their order, else all that are not optional. */
export function shownColumns(columns: Column[], chosen: readonly string[] | null | undefined): Column[] {
  if (!chosen?.length) return columns.filter((column) => !column.optional);
  const byKey = new Map(columns.map((column) => [column.key, column]));
  return chosen.flatMap((key) => byKey.get(key) ?? []);
}
