import type { ReactNode } from "react";
import { PageTitle } from "./PageTitle.tsx";

interface Properties {
  title: string;
  text?: ReactNode;
  children?: ReactNode;
}

/** What stands in the place of a page that cannot be shown: what happened, and what to do. */
export function Message({ title, text, children }: Properties) {
  return (
    <div className="k-empty">
      <PageTitle title={title} />
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}
