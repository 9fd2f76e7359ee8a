import type { GuidePage } from "./api.ts";

/** The pages in English, by their files. */
export const files = import.meta.glob<GuidePage>("../../../../../docs/user-guide/en/*.md", {
  eager: true,
  import: "default",
});
