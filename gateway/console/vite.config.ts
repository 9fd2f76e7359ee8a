import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { chunkNames, direct } from "./scripts/chunks.ts";
import { guide } from "./scripts/guide.ts";
import { mend } from "./scripts/mend.ts";
import { languages, paths } from "./scripts/paths.ts";

/** The gateway answers these paths, and no others, with the page, and names what else the browser will need. */
const routes: Plugin = {
  name: "routes",
  async generateBundle(_options, bundle) {
    this.emitFile({
      type: "asset",
      fileName: "routes.json",
      source: JSON.stringify({ routes: await paths(bundle), languages: languages(bundle) }),
    });
  },
};

export default defineConfig(({ command }) => ({
  plugins: [direct, mend, guide, react(), routes],
  resolve: { alias: { "@": join(import.meta.dirname, "src") } },
  html: { cspNonce: command === "build" ? "__CSP_NONCE__" : undefined },
  build: {
    manifest: true,
    outDir: process.env.KEHU_CONSOLE_OUT ?? "dist",
    emptyOutDir: true,
    target: "es2023",
    // Every script is a file: the page's policy allows no other.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: chunkNames(join(import.meta.dirname, "src")), debugName: "pages" }],
        },
      },
    },
  },
  server: {
    // The user guide lies outside the console.
    fs: { allow: ["../.."] },
    proxy: { "/api": { target: process.env.KEHU_GATEWAY ?? "http://127.0.0.1:8000", changeOrigin: false } },
  },
}));
