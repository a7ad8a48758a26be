// Runs the unit tests (test/*.test.ts) on node's own runner; esbuild, which the build has anyway, takes the types out.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureModules, root } from "./modules.mjs";

ensureModules();
const { build } = await import("esbuild");
const folder = path.join(root, "test");
const out = fs.mkdtempSync(path.join(os.tmpdir(), "sotto-web-test-"));
try {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: files.map((name) => path.join(folder, name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    jsx: "automatic",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "warning",
  });
  const run = spawnSync(process.execPath, ["--test", ...files.map((name) => path.join(out, name.replace(/\.ts$/, ".mjs")))], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
} finally {
  fs.rmSync(out, { recursive: true, force: true });
}
