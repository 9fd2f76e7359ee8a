import type { PageEntry } from "../../ui/pages.ts";

export const pages: PageEntry[] = [{ path: "/me", services: ["auth"], load: () => import("./Page.tsx") }];
