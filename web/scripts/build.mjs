// node scripts/build.mjs OUT STAMP: builds the interface into folder OUT and then writes STAMP.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { ensureModules, root } from "./modules.mjs";

const [out, stamp] = process.argv.slice(2);
if (out === undefined || stamp === undefined) {
  console.error("usage: node scripts/build.mjs OUT STAMP");
  process.exit(2);
}
ensureModules();
process.chdir(root);
process.env.SOTTO_WEB_OUT = path.resolve(out);
const { build } = await import("vite");
await build({ configFile: path.join(root, "vite.config.ts"), logLevel: "warn" });

const hash = createHash("sha256");
for (const name of fs.readdirSync(out, { recursive: true }).sort()) {
  const file = path.join(out, String(name));
  if (fs.statSync(file).isFile()) hash.update(`${name}\0`).update(fs.readFileSync(file));
}
fs.writeFileSync(stamp, `${hash.digest("hex")}\n`);
