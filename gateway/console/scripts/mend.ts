// Two places where antd could do better for us; both are for its makers to change.
import type { Plugin } from "vite";

interface Mend {
  file: RegExp;
  from: RegExp;
  to: string;
}

const MENDS: Mend[] = [
  {
    // Dialogs need one small part of the library of forms, and name all of it; only pages with forms should load it.
    file: /\/antd\/es\/form\/context\.js$/,
    from: /from (["'])@rc-component\/form\1/,
    to: 'from "@rc-component/form/es/FormContext"',
  },
  {
    // An icon beside words, or in a button with a name, is decoration: "plus" is not to be read aloud.
    file: /\/@ant-design\/icons\/es\/components\/AntdIcon(Light)?\.js$/,
    from: /"aria-label": icon\.name/,
    to: '"aria-label": onClick ? icon.name : undefined, "aria-hidden": onClick || restProps["aria-label"] ? undefined : true',
  },
];

export const mend: Plugin = {
  name: "mend",
  enforce: "pre",
  transform(code, id) {
    const found = MENDS.find(({ file }) => file.test(id));
    if (!found) return undefined;
    // A new version may have changed it, or no longer need it.
    if (!found.from.test(code)) this.error(`scripts/mend.ts has nothing to mend in ${id}.`);
    return code.replace(found.from, found.to);
  },
};
