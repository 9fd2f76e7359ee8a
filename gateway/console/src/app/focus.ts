const FOCUSABLE = "a[href], button, input, select, textarea, [tabindex='0']";
const NEAR = "li, tr, ul, ol, form, section, [role=toolbar]";

/** Keep the focus in the page: when what had it goes away, it moves to what stands beside, or to the heading. */
export function keepFocus(): () => void {
  let last: Element | null = null;
  // What had the focus within the page, not in a dialog or menu over it, and all that contains it.
  let way: Element[] = [];
  let planned = false;

  const moved = ({ target }: Event) => {
    last = target as Element;
    if (last.closest("main")) way = ancestry(last);
  };
  // Who presses beside everything takes the focus away on purpose.
  const pressed = () => {
    last = null;
  };
  const check = () => {
    planned = false;
    if (document.activeElement === document.body && last && isGone(last))
      nearest(way)?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(() => {
    if (planned) return;
    planned = true;
    // What is hidden loses the focus when the next frame is drawn.
    requestAnimationFrame(() => setTimeout(check));
  });
  observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ["class", "style"] });
  addEventListener("focusin", moved);
  addEventListener("pointerdown", pressed);
  return () => {
    observer.disconnect();
    removeEventListener("focusin", moved);
    removeEventListener("pointerdown", pressed);
  };
}

function isGone(element: Element): boolean {
  return !element.checkVisibility({ visibilityProperty: true });
}

function ancestry(element: Element): Element[] {
  const parent = element.parentElement;
  return parent ? [element, ...ancestry(parent)] : [element];
}

function nearest(way: Element[]): HTMLElement | null {
  const [first, ...around] = way;
  if (first && !isGone(first)) return first as HTMLElement;
  for (const element of around) {
    const near = element.matches(NEAR) && element.querySelector<HTMLElement>(FOCUSABLE);
    if (near && !isGone(near)) return near;
  }
  return document.querySelector("h1");
}
