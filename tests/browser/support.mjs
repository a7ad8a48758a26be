// Real programs and a real browser for the tests of the web interface: a server of one's own, people with agents, pages.
//
// Environment: SOTTO_BUILD, the build directory; SOTTO_BROWSER, a Chromium (else the system's).
import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { before as beforeTests, test as nodeTest } from "node:test";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { ensureModules, root as web } from "../../web/scripts/modules.mjs";

ensureModules();
const require = createRequire(path.join(web, "package.json"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const root = fileURLToPath(new URL("../..", import.meta.url));
// As the journeys do (tests/journeys/support.py): programs built for tests then seal profiles cheaply.
process.env.SOTTO_CHEAP_PASSPHRASES ??= "1";
export const build = process.env.SOTTO_BUILD ?? path.join(root, "build", "dev");
const SOTTOD = path.join(build, "apps", "sottod", "sottod");
const SOTTO = path.join(build, "apps", "sotto", "sotto");
const LYING_OPERATOR = path.join(build, "tests", "hostile", "lying_operator");
/** Everything takes a second or two; on a busy machine much longer. */
export const kPatience = 180_000;
export const kPassphrase = "correct horse battery";

async function firstLine(child, pattern, what) {
  let text = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not start: ${text}`)), kPatience);
    child.stdout.on("data", (some) => {
      text += some;
      const found = pattern.exec(text);
      if (found !== null) {
        clearTimeout(timer);
        resolve(found);
      }
    });
    child.on("exit", (status) => {
      clearTimeout(timer);
      reject(new Error(`${what} ended with ${status}: ${text}${child.told ?? ""}`));
    });
  });
}

function start(program, args, environment = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  child.told = "";
  child.stderr.on("data", (some) => {
    child.told = (child.told + some).slice(-20_000);
  });
  return child;
}

async function stop(child) {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

export class Server {
  port = 0;

  constructor(folder, more = "") {
    this.folder = folder;
    execFileSync(SOTTOD, ["init", "--data-dir", folder], { stdio: "ignore" });
    fs.writeFileSync(path.join(folder, "sottod.toml"), `metrics = "off"\n${more}`);
  }

  async start() {
    this.child = start(SOTTOD, ["run", "--data-dir", this.folder, "--listen", `127.0.0.1:${this.port}`]);
    this.port = Number((await firstLine(this.child, /listening on \S*:(\d+)/, "sottod"))[1]);
  }

  stop() {
    return stop(this.child);
  }

  /** Its operator at work on its database, while it is stopped (tests/hostile/lying_operator.cpp). */
  async operator(...words) {
    await this.stop();
    const told = JSON.parse(execFileSync(LYING_OPERATOR, [this.folder, ...words], { encoding: "utf8" }));
    await this.start();
    return told;
  }

  /** A copy of its database, for tellTruth(). */
  async keepTruth() {
    await this.stop();
    fs.cpSync(path.join(this.folder, "database"), path.join(this.folder, "truth"), { recursive: true });
    await this.start();
  }

  /** The operator puts the copy back: nobody should have begun a session, nor anything have changed in the log, meanwhile. */
  async tellTruth() {
    await this.stop();
    fs.rmSync(path.join(this.folder, "database"), { recursive: true });
    fs.cpSync(path.join(this.folder, "truth"), path.join(this.folder, "database"), { recursive: true });
    await this.start();
  }

  /** What `sottod admin` prints. */
  admin(...words) {
    return JSON.parse(execFileSync(SOTTOD, ["--data-dir", this.folder, "admin", "--json", ...words], { encoding: "utf8" }));
  }

  get address() {
    return `localhost:${this.port}`;
  }
}

/** The real Kannel with its fake carrier (tests/journeys/kannel.py), by one line of JSON a question. */
export class Kannel {
  answers = [];
  waiting = [];

  /** Undefined where it is not installed; tools/deps brings it. */
  static async start(folder) {
    const kannel = new Kannel();
    kannel.child = spawn("python3", [path.join(root, "tests", "browser", "kannel.py"), folder], { stdio: ["pipe", "pipe", "inherit"] });
    let rest = "";
    kannel.child.stdout.on("data", (some) => {
      const lines = (rest + some).split("\n");
      rest = lines.pop();
      for (const line of lines) kannel.waiting.shift()?.(JSON.parse(line));
    });
    kannel.serverLines = await new Promise((resolve) => kannel.waiting.push(resolve));
    return kannel.serverLines === null ? undefined : kannel;
  }

  ask(...what) {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write(`${JSON.stringify(what)}\n`);
    });
  }

  /** What went to a number. */
  async textsTo(number) {
    return (await this.ask("texts")).filter(([, to]) => to === number).map(([, , text]) => text);
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.stdin.end();
    await ended;
  }
}

/** A profile and its agent; what it does without a browser goes over POST /v1/rpc. */
export class Person {
  port = 0;

  constructor(folder) {
    this.folder = folder;
  }

  async start() {
    this.child = start(SOTTO, ["--profile", this.folder, "agent", "--port", String(this.port)], { SOTTO_PASSPHRASE: "" });
    const found = await firstLine(this.child, /web UI: (http:\/\/127\.0\.0\.1:(\d+))\/#token=([0-9a-f]{64})/, "the agent");
    [, this.origin, , this.token] = found;
    this.port = Number(found[2]);
    return this;
  }

  stop() {
    return stop(this.child);
  }

  get url() {
    return `${this.origin}/#token=${this.token}`;
  }

  async call(method, params = {}) {
    const response = await fetch(`${this.origin}/v1/rpc`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const answer = await response.json();
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  }

  async register(name, server) {
    await this.call("profile.create", { passphrase: kPassphrase });
    await this.call("account.register", { username: name, server: server.address, device_name: `${name}'s computer` });
  }

  async texts(conversation) {
    return ((await this.call("conversations.history", { conversation })).messages ?? []).map((message) => message.body ?? "");
  }
}

/** How much of a page or a program is worth reading when something failed. */
const kShownCharacters = 2000;

const worlds = [];
let failed = false;

/** Does one part of a test file. If it fails it is printed what every page showed and what the programs said. */
async function part(body) {
  try {
    await body();
  } catch (error) {
    failed = true;
    for (const world of worlds) await world.tell();
    throw error;
  }
}

/** The parts of a file build on each other: after one that failed the others are skipped. */
export function test(name, body) {
  nodeTest(name, async (context) => {
    if (failed) context.skip("a part before it failed");
    else await part(() => body(context));
  });
}

export function before(body) {
  beforeTests(() => part(body));
}

/** A server, people by name and a browser, for one test file. */
export class World {
  people = [];
  pages = [];
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "sotto-browser-"));

  static async make(...names) {
    return World.fill(new World(), names);
  }

  /** With a way for text messages; undefined where Kannel is not installed. */
  static async makeWithTexts(...names) {
    const world = new World();
    world.kannel = await Kannel.start(path.join(world.folder, "kannel"));
    if (world.kannel !== undefined) return World.fill(world, names, world.kannel.serverLines);
    fs.rmSync(world.folder, { recursive: true, force: true });
    return undefined;
  }

  static async fill(world, names, configuration = "") {
    worlds.push(world);
    world.server = new Server(path.join(world.folder, "server"), configuration);
    await world.server.start();
    world.browser = await chromium.launch({
      executablePath: process.env.SOTTO_BROWSER ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
    });
    await Promise.all(
      names.map(async (name) => {
        world[name] = await world.person(name);
        await world[name].register(name, world.server);
      }),
    );
    return world;
  }

  async person(name) {
    const person = new Person(path.join(this.folder, name));
    this.people.push(person);
    return person.start();
  }

  /** A page of one's own. Whatever it complains of, and every request elsewhere, fails the test in close(). */
  async page(person, { width = 1180, height = 780, colorScheme = "light", locale = "en-GB", prepare = undefined, hash = "" } = {}) {
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme, locale, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(kPatience);
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // A file that is not here any more, or an agent that a test stopped, is told by the browser, too.
      if (message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(message.text())) complaints.push(message.text());
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.origin !== person.origin) complaints.push(`request to ${request.url()}`);
    });
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    this.pages.push({ page, complaints, context });
    await prepare?.(page);
    await page.goto(person.url);
    if (hash !== "") await page.evaluate((to) => void (window.location.hash = to), hash);
    return page;
  }

  /** For whoever looks into a failure. */
  async tell() {
    for (const { page } of this.pages) {
      const text = await page.locator("body").innerText({ timeout: 5000 }).catch((error) => error.message);
      console.error(`== page ${page.url()}\n${text.slice(0, kShownCharacters)}`);
    }
    for (const { child } of [this.server, ...this.people]) {
      if (child !== undefined) console.error(`== ${child.spawnargs.join(" ")}\n${child.told.slice(-kShownCharacters)}`);
    }
  }

  async close() {
    const complaints = this.pages.flatMap((each) => each.complaints);
    await this.browser?.close();
    await Promise.all(this.people.map((person) => person.stop()));
    await this.server?.stop();
    await this.kannel?.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
    assert.deepEqual(complaints, []);
  }
}

/** Opens the conversation with somebody, who need not be known yet. */
export async function open(page, name) {
  await page.evaluate((to) => void (window.location.hash = `#/c/${encodeURIComponent(to)}`), name);
  await page.locator(".pane-header").waitFor();
}

/** What a stranger or a group of strangers said is a request: takes it, and the conversation opens. */
export async function accept(page, name) {
  await page.evaluate(() => void (window.location.hash = "#/requests"));
  await page.locator(`.request[aria-label="${name}"] .button.main`).click();
  await page.locator(".pane-header .pane-who", { hasText: name }).waitFor();
}

export async function say(page, text) {
  const field = page.locator(".composer textarea");
  await field.fill(text);
  await field.press("Enter");
  await bubble(page, text).waitFor();
}

export function bubble(page, text) {
  return page.locator(".bubble", { hasText: text }).last();
}

/** What can be done with a message, by its menu. */
export async function act(page, text, action) {
  await bubble(page, text).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: action, exact: true }).click();
}

/** Goes somewhere else in the interface. */
export async function visit(page, hash) {
  await page.evaluate((to) => void (window.location.hash = to), hash);
}

/** A screen in all its clothes: narrow and wide, light and dark, nothing beside the screen, nothing that keeps somebody out. */
export async function presentable(page, where) {
  const before = page.viewportSize();
  for (const width of [360, 1180]) {
    await page.setViewportSize({ width, height: 780 });
    for (const colorScheme of ["light", "dark"]) {
      const name = `${where}, ${width} ${colorScheme}`;
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-theme="${colorScheme}"]`).waitFor();
      // Rows of the list that were not to be seen take the colours on only when they are painted.
      await page.screenshot();
      await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
      const pictures = process.env.SOTTO_PICTURES;
      if (pictures !== undefined) await page.screenshot({ path: path.join(pictures, `${name.replace(/[^a-z0-9]+/gi, "-")}.png`) });
      await accessible(page, name);
    }
    assert.deepEqual(await beside(page), [], where);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(before);
}

/** What reaches beyond the screen; sideways scrolling is nothing for a page. */
export function beside(page) {
  return page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      if (box.width === 0 || style.visibility === "hidden" || element.closest(".only-read, .settings-panes nav, .pending, .toasts") !== null) continue;
      if (box.right > window.innerWidth + 1 || box.left < -1) found.push(`${element.tagName}.${element.className} ${Math.round(box.left)}-${Math.round(box.right)}`);
    }
    return found.slice(0, 5);
  });
}

/** Findings of axe-core that keep somebody from using the page. */
export async function accessible(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter((each) => each.impact === "serious" || each.impact === "critical")
      .map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
  });
  assert.deepEqual(found, [], where);
}

export async function eventually(what, condition) {
  const end = Date.now() + kPatience;
  let last;
  while (Date.now() < end) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  throw new Error(`${what}: ${last}`);
}

/** A picture of one's own making: two colours, one above the other. */
export function png(width, height) {
  const table = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (octets) => {
    let c = 0xffffffff;
    for (const each of octets) c = (table[(c ^ each) & 255] ^ (c >>> 8)) >>> 0;
    return (c ^ 0xffffffff) >>> 0;
  };
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.concat(
    Array.from({ length: height }, (_, row) => Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from(row < height / 2 ? [233, 170, 120] : [40, 70, 100]))])),
  );
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}
