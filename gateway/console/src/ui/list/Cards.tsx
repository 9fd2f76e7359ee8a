import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import type { Schema } from "../../api/contract.ts";
import { Cell, type Column, columnTitle, type Row } from "./columns.tsx";
import { linkOf } from "./link.ts";

interface CardsProperties {
  rows: Row[];
  columns: Column[];
  schema: Schema;
  path: (row: Row) => string | undefined;
  onOpen?: ((row: Row) => void) | undefined;
  /** Called when the last rows come into sight. */
  onEnd?: () => void;
}

/** On phones a row is a card: the name, and the other columns as facts. */
export function Cards({ rows, columns, schema, path, onOpen, onEnd }: CardsProperties) {
  const end = useEnd(onEnd);
  const strong = columns.find((column) => column.strong) ?? columns[0];
  const others = columns.filter((column) => column !== strong);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ul className="k-scroll k-cards" tabIndex={0}>
      {rows.map((row) => (
        <li key={row.id}>
          <Card to={path(row)} onOpen={onOpen && (() => onOpen(row))}>
            <b>{strong && <Cell column={strong} schema={schema} row={row} />}</b>
            <dl className="k-facts" style={{ marginTop: 4, gap: "2px 12px" }}>
              {others
                .filter((column) => !isEmpty(row, column))
                .map((column) => (
                  <CardFact key={column.key} title={columnTitle(schema, column)}>
                    <Cell column={column} schema={schema} row={row} />
                  </CardFact>
                ))}
            </dl>
          </Card>
        </li>
      ))}
      <li ref={end} aria-hidden />
    </ul>
  );
}

/** What lies at the end of a list, and calls when it is nearly in sight. */
function useEnd(onEnd: (() => void) | undefined) {
  const mark = useRef<HTMLLIElement>(null);
  const call = useRef(onEnd);
  call.current = onEnd;
  useEffect(() => {
    if (!mark.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && call.current?.(), {
      root: mark.current.parentElement,
      rootMargin: "0px 0px 600px",
    });
    observer.observe(mark.current);
    return () => observer.disconnect();
  });
  return mark;
}

/** A phone has no room for what there is not. */
function isEmpty(row: Row, column: Column): boolean {
  return column.key in row && (row[column.key] === null || row[column.key] === "");
}

interface CardProperties {
  to: string | undefined;
  onOpen: (() => void) | undefined;
  children: ReactNode;
}

/** The frame of a card, which leads to the record if it has a page, or shows it beside the list. */
function Card({ to, onOpen, children }: CardProperties) {
  if (to)
    return (
      <Link {...linkOf(to)} className="k-card">
        {children}
      </Link>
    );
  if (onOpen)
    return (
      <button type="button" className="k-card" onClick={onOpen}>
        {children}
      </button>
    );
  return <div className="k-card">{children}</div>;
}

function CardFact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd className="k-ellipsis">{children}</dd>
    </>
  );
}
