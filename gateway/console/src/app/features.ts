import type { PageEntry } from "../ui/pages.ts";

const files = import.meta.glob<{ pages: PageEntry[] }>("../features/*/routes.ts", { eager: true });

/** Every page of every feature. */
export const pages: readonly PageEntry[] = Object.values(files).flatMap((file) => file.pages);
