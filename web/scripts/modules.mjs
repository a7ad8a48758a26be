// Brings the packages that package-lock.json names, once for each lock file, into a cache outside the tree and links them
// here as node_modules; a later build needs no network. A node_modules folder that somebody made by hand is left alone.
// Nothing of a package is run while it is installed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

export function ensureModules() {
  const link = path.join(root, "node_modules");
  const there = fs.lstatSync(link, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  const cache = process.env.SOTTO_WEB_CACHE ?? path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "sotto", "web");
  const hash = createHash("sha256").update(fs.readFileSync(path.join(root, "package-lock.json"))).digest("hex");
  const folder = path.join(cache, `modules-${hash.slice(0, 16)}`);
  if (!fs.existsSync(folder)) install(cache, folder);
  if (there !== undefined && fs.readlinkSync(link) === path.join(folder, "node_modules")) return;
  fs.rmSync(link, { force: true });
  fs.symlinkSync(path.join(folder, "node_modules"), link);
}

function install(cache, folder) {
  fs.mkdirSync(cache, { recursive: true });
  const work = fs.mkdtempSync(path.join(cache, "work-"));
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) fs.copyFileSync(path.join(root, name), path.join(work, name));
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: work, stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    fs.rmSync(work, { recursive: true, force: true });
    throw new Error(`npm ci failed; is the network up? The web interface can be left out with -DSOTTO_WEB=OFF.\n${error.stderr ?? error}`);
  }
  try {
    fs.renameSync(work, folder);
  } catch {
    fs.rmSync(work, { recursive: true, force: true }); // another build was faster
  }
}
