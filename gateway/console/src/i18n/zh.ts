import locale from "antd/es/locale/zh_CN";
import common from "./zh.json";

const files = import.meta.glob<Record<string, unknown>>("../features/*/zh.json", {
  eager: true,
  import: "default",
});

/** The texts of each feature, by its folder's name, and the common ones. */
export const texts: Record<string, Record<string, unknown>> = {
  common,
  ...Object.fromEntries(Object.entries(files).map(([path, content]) => [path.split("/").at(-2), content])),
};

/** The words of antd's own parts. */
export { locale };
