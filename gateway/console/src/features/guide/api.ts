import { useQuery } from "@tanstack/react-query";
import { useMe } from "../../api/me.ts";
import { language } from "../../i18n/start.ts";
import { ordered } from "./rules.ts";

/** A page of docs/user-guide, as the build makes it of Markdown. */
export interface GuidePage {
  title: string;
  /** The tasks, which are its second headings. */
  headings: { id: string; text: string }[];
  html: string;
}

const loaders = { zh: () => import("./zh.ts"), en: () => import("./en.ts") };

export interface Guide {
  /** Those of one's own roles first. */
  names: string[];
  own: Set<string>;
  pages: Record<string, GuidePage>;
}

/** The user guide in the language of the page; nothing while it is loaded. */
export function useGuide(): Guide | undefined {
  const { roles } = useMe();
  const spoken = language();
  const { data: pages } = useQuery({
    queryKey: ["guide", spoken],
    queryFn: async () => {
      const { files } = await loaders[spoken]();
      const named = Object.entries(files).map(([path, page]) => [
        path.slice(path.lastIndexOf("/") + 1, -3),
        page,
      ]);
      return Object.fromEntries(named) as Record<string, GuidePage>;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!pages) return undefined;
  const own = new Set(roles.map((role) => role.replaceAll("_", "-")));
  return { names: ordered(Object.keys(pages), own), own, pages };
}
