/** The product's mark, as the page has it for its tab: so it costs no request. */
export const mark = document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href;
