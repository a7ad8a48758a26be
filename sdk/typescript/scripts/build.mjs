// Compiles the package into the folder named on the command line, with the compiler that web/ has: the journeys run
// what comes out, and the types are checked on the way.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureModules, root as web } from "../../../web/scripts/modules.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const out = path.resolve(process.argv[2]);
ensureModules();
const modules = path.join(web, "node_modules");
const run = spawnSync(
  process.execPath,
  [path.join(modules, "typescript", "bin", "tsc"), "-p", here, "--outDir", path.join(out, "dist"), "--typeRoots", path.join(modules, "@types")],
  { stdio: "inherit" },
);
if (run.status !== 0) process.exit(run.status ?? 1);
fs.copyFileSync(path.join(here, "package.json"), path.join(out, "package.json"));
