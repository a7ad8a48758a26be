import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// For work on the interface without an agent: dev/index.html runs it over invented data. None of it is in a build.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  esbuild: { jsx: "automatic" },
  server: { port: 7490, strictPort: true, host: "127.0.0.1", fs: { strict: false } },
  cacheDir: process.env["SOTTO_WEB_CACHE"] ?? ".vite",
});
