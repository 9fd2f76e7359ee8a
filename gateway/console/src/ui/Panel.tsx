import type { ReactNode } from "react";

interface Properties {
  title: string;
  count?: number | undefined;
  extra?: ReactNode;
  children: ReactNode;
}

/** A part of a page under a heading of its own. */
export function Panel({ title, count, extra, children }: Properties) {
  return (
    <section className="k-panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {count !== undefined && <span className="k-count">{count}</span>}
        <span className="k-space" />
        {extra}
      </header>
      {children}
    </section>
  );
}
