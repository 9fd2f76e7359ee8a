// Makes the pages of the user guide, which are Markdown, modules that the console shows.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Marked, type Tokens } from "marked";
import type { Plugin } from "vite";

const PAGE = /\/docs\/user-guide\/\w+\/[\w-]+\.md$/;
// Where a picture's address comes in when the bundler has given it one.
const PLACE = (index: number) => `__PICTURE_${index}__`;

/** The part of an address that names a heading, as GitHub makes it. */
export function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

/** The address in the console of what a page links: `other-page.md#heading` is `/guide/other-page#heading`. */
export function address(link: string): string {
  return link.replace(/^([\w-]+)\.md/, "/guide/$1");
}

export interface Rendered {
  title: string;
  headings: { id: string; text: string }[];
  html: string;
  pictures: string[];
}

/** A page as HTML, without its title; pictures are places to be filled in. */
export function render(markdown: string): Rendered {
  const pictures: string[] = [];
  const marked = new Marked({
    renderer: {
      heading({ tokens, text, depth }: Tokens.Heading) {
        return `<h${depth} id="${slug(text)}">${this.parser.parseInline(tokens)}</h${depth}>`;
      },
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${address(href)}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text }: Tokens.Image) {
        pictures.push(href);
        return `<img src="${PLACE(pictures.length - 1)}" alt="${text.replaceAll('"', "&quot;")}" loading="lazy">`;
      },
    },
  });
  const tokens = marked.lexer(markdown);
  const headings = tokens.filter((token): token is Tokens.Heading => token.type === "heading");
  const title = headings.find(({ depth }) => depth === 1)?.text ?? "";
  return {
    title,
    headings: headings.filter(({ depth }) => depth === 2).map(({ text }) => ({ id: slug(text), text })),
    html: marked.parser(tokens.filter((token) => token.type !== "heading" || token.depth > 1)),
    pictures,
  };
}

/** Lets the console import pages of the guide, with their pictures as files of the build. */
export const guide: Plugin = {
  name: "guide",
  load(id) {
    if (!PAGE.test(id)) return undefined;
    const { pictures, html, ...page } = render(readFileSync(id, "utf8"));
    const imports = pictures.map((path, index) => {
      const file = join(dirname(id), path);
      // A new picture is made of a console that is built without it.
      if (!existsSync(file)) return `const p${index} = "";`;
      return `import p${index} from ${quoted(file)};`;
    });
    const filled = pictures.reduce(
      (code, _, index) => code.replace(PLACE(index), `" + p${index} + "`),
      quoted(html),
    );
    const fields = `...${JSON.stringify(page)}, html: ${filled}`;
    return { code: `${imports.join("\n")}\nexport default { ${fields} };`, moduleType: "js" };
  },
};

function quoted(text: string): string {
  return JSON.stringify(text);
}
