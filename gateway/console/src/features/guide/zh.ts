import type { GuidePage } from "./api.ts";

/** The pages in Chinese, by their files. */
export const files = import.meta.glob<GuidePage>("../../../../../docs/user-guide/zh/*.md", {
  eager: true,
  import: "default",
});
