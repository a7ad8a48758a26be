import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// What the agent serves: hashed files, no inline script or style, nothing from elsewhere. SOTTO_WEB_OUT is where it
// goes. JSX is esbuild's own; no plugin runs.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  esbuild: { jsx: "automatic", legalComments: "none" },
  build: {
    outDir: process.env["SOTTO_WEB_OUT"] ?? "dist",
    emptyOutDir: true,
    target: "es2021",
    assetsInlineLimit: 0,
    modulePreload: false,
    sourcemap: false,
    reportCompressedSize: true,
  },
});
