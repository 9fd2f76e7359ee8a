import type { ReactNode } from "react";
import { type Schema, text } from "../../api/contract.ts";
import { Value } from "../Values.tsx";

export type Fact = string | { name: string; label?: string; render?: ReactNode };

interface Properties {
  schema: Schema;
  row: Record<string, any>;
  facts: Fact[];
  two?: boolean;
}

/** Labels and values of a record. */
export function Facts({ schema, row, facts, two = false }: Properties) {
  return (
    <dl className="k-facts" data-two={two || undefined}>
      {facts.map((fact) => {
        const { name, label, render } =
          typeof fact === "string" ? { name: fact } : { label: undefined, render: undefined, ...fact };
        const field = schema.fields[name];
        return (
          <FactRow key={name} label={label ?? text(field?.label, name)}>
            {render ?? <Value name={name} field={field} row={row} />}
          </FactRow>
        );
      })}
    </dl>
  );
}

function FactRow({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
