// Makes the types of the client API from its schema and checks those of everything here, as the compiler sees them.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { writeApiTypes } from "./api_types.mjs";
import { ensureModules, root } from "./modules.mjs";

writeApiTypes();
ensureModules();
const run = spawnSync(process.execPath, [path.join(root, "node_modules", "typescript", "bin", "tsc"), "--noEmit"], { cwd: root, stdio: "inherit" });
process.exitCode = run.status ?? 1;
