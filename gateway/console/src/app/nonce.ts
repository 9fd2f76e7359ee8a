/** The nonce that the page's policy allows styles by; new in each answer of the gateway. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/**
 * Give the nonce to every style element that a script of ours makes: some packages have no option for it, and
 * the policy would refuse their styles. Scripts come from our own origin only, so this opens nothing.
 */
export function markStyles(): void {
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
