import { type ReactNode, useEffect, useRef } from "react";

/** The `h1` of a page. It names the window and takes the focus, so that screen readers say where one is. */
export function PageTitle({ children, title }: { children?: ReactNode; title: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} - Kehu 客户`;
  }, [title]);
  useEffect(() => {
    // A field that took the focus by itself, in a form that opens with the page, keeps it.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
