// The folder of the build: `kehu console build` makes a new one beside the last.
import { join } from "node:path";

export const dist = join(import.meta.dirname, "..", process.env.KEHU_CONSOLE_OUT ?? "dist");
