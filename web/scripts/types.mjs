// Checks the types of everything here; those of the client API come from sdk/typescript.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { ensureModules, root } from "./modules.mjs";

ensureModules();
const run = spawnSync(process.execPath, [path.join(root, "node_modules", "typescript", "bin", "tsc"), "--noEmit"], { cwd: root, stdio: "inherit" });
process.exitCode = run.status ?? 1;
