// What the web interface costs in a browser, by the browser's own tracing: first paint, a long conversation opened and
// scrolled, memory. Everything is measured for a conversation of 100 messages, too, in the same run: that is the floor.
//
// Usage: SOTTO_BUILD=build/release node bench/web_bench.mjs [--messages N] [--rounds N]
//
// Needs fill_profile, sottod and sotto of that build, web/node_modules and Chromium (SOTTO_BROWSER, else the system's).
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { accept, build, kPassphrase, open, say, World } from "../tests/browser/support.mjs";

const { values } = parseArgs({ options: { messages: { type: "string", default: "100000" }, rounds: { type: "string", default: "5" } } });
const messages = Number(values.messages);
const rounds = Number(values.rounds);
const kFloorMessages = 100;
/** Screens that are scrolled up. */
const kScrolled = 40;

const ascending = (samples) => [...samples].sort((a, b) => a - b);
const median = (samples) => ascending(samples)[samples.length >> 1];

/** The events of Chromium's tracing while `body` runs. */
async function traced(page, body) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: ["loading", "blink.user_timing", "devtools.timeline", "devtools.timeline.frame", "disabled-by-default-devtools.timeline"] });
  try {
    await body();
  } finally {
    var octets = await browser.stopTracing();
  }
  return JSON.parse(octets.toString()).traceEvents;
}

/** Milliseconds from the navigation before it to the first event of that name. */
function sinceNavigation(events, name) {
  const painted = events.find((each) => each.name === name);
  const begun = events.filter((each) => each.name === "navigationStart" && each.ts <= painted.ts).map((each) => each.ts);
  return (painted.ts - Math.max(...begun)) / 1000;
}

/** Longest task of the page's main thread, in milliseconds. */
function longestTask(events) {
  const main = events.find((each) => each.name === "thread_name" && each.args.name === "CrRendererMain");
  const tasks = events.filter((each) => each.name === "RunTask" && each.pid === main.pid && each.tid === main.tid);
  return Math.max(0, ...tasks.map((each) => (each.dur ?? 0) / 1000));
}

const marked = (events, name) => events.find((each) => each.name === name && each.cat.includes("blink.user_timing")).ts / 1000;

/** From the click until the newest message has been painted. */
async function opened(page, name) {
  const events = await traced(page, () =>
    page.evaluate(async (to) => {
      const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
      performance.mark("bench-open");
      window.location.hash = `#/c/${encodeURIComponent(to)}`;
      const who = () => document.querySelector(".pane-header .pane-who")?.textContent ?? "";
      while (!(who().includes(to) && document.querySelector(".timeline .bubble") !== null)) await painted();
      await painted();
      performance.mark("bench-opened");
    }, name),
  );
  return marked(events, "bench-opened") - marked(events, "bench-open");
}

/** Scrolls up by screens as fast as pages come: frames that took longer than two of the display's, and the longest task. */
async function scrolled(page) {
  let gaps = [];
  const events = await traced(page, async () => {
    gaps = await page.evaluate(async (screens) => {
      const box = document.querySelector(".timeline .scroller");
      const out = [];
      let last = performance.now();
      for (let i = 0; i < screens * 8; i += 1) {
        box.scrollTop -= box.clientHeight / 8;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const now = performance.now();
        out.push(now - last);
        last = now;
      }
      return out;
    }, kScrolled);
  });
  return { p99: ascending(gaps)[Math.floor(gaps.length * 0.99)], longest: longestTask(events) };
}

/** What the page's own process holds, in MiB, after a collection. */
async function memory(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (name) => metrics.find((each) => each.name === name).value;
  return { heap: value("JSHeapUsedSize") / 2 ** 20, nodes: value("Nodes") };
}

async function measure(world, name) {
  const sums = { paint: [], content: [], list: [], open: [], frame: [], task: [], heap: [], nodes: [] };
  for (let round = 0; round < rounds; round += 1) {
    const page = await world.page(world.alice);
    await page.locator(".conversation").first().waitFor();
    await page.addInitScript(() => {
      const look = () => (document.querySelector(".conversation") === null ? requestAnimationFrame(look) : performance.mark("bench-list"));
      look();
    });
    const events = await traced(page, async () => {
      await page.reload();
      await page.locator(".conversation").first().waitFor();
      // What is in the document need not be on the screen yet.
      await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    });
    sums.paint.push(sinceNavigation(events, "firstPaint"));
    sums.content.push(sinceNavigation(events, "firstContentfulPaint"));
    sums.list.push(sinceNavigation(events, "bench-list"));
    sums.open.push(await opened(page, name));
    const smooth = await scrolled(page);
    sums.frame.push(smooth.p99);
    sums.task.push(smooth.longest);
    const held = await memory(page);
    sums.heap.push(held.heap);
    sums.nodes.push(held.nodes);
    await page.context().close();
  }
  return Object.fromEntries(Object.entries(sums).map(([key, samples]) => [key, median(samples)]));
}

function print(long, short) {
  const row = (what, key, unit, digits) => {
    const ratio = long[key] / short[key];
    console.log(`${what.padEnd(52)} ${long[key].toFixed(digits).padStart(9)} ${short[key].toFixed(digits).padStart(9)} ${unit.padEnd(5)} ${ratio.toFixed(2).padStart(6)}`);
  };
  console.log(`web_bench: median of ${rounds} rounds, Chromium without a display, ${new Date().toISOString().slice(0, 10)}`);
  console.log(`${"".padEnd(52)} ${String(messages).padStart(9)} ${String(kFloorMessages).padStart(9)} msgs   ratio`);
  row("first paint after a reload", "paint", "ms", 0);
  row("first content after a reload", "content", "ms", 0);
  row("the list of conversations after a reload", "list", "ms", 0);
  row("from the click to the newest message painted", "open", "ms", 0);
  row(`scrolled up ${kScrolled} screens: a frame, p99`, "frame", "ms", 1);
  row("  the longest task meanwhile", "task", "ms", 0);
  row("JavaScript heap then", "heap", "MiB", 1);
  row("nodes of the document then", "nodes", "", 0);
}

const world = await World.make("alice", "bob", "carol");
try {
  for (const name of ["bob", "carol"]) {
    const pages = [await world.page(world.alice), await world.page(world[name])];
    await open(pages[0], name);
    await say(pages[0], "Hello");
    await accept(pages[1], "alice");
    for (const page of pages) await page.context().close();
  }
  await world.alice.stop();
  for (const [name, count] of [["bob", messages], ["carol", kFloorMessages]]) {
    execFileSync(path.join(build, "bench", "fill_profile"), ["--profile", world.alice.folder, "--with", name, "--messages", String(count)], {
      env: { ...process.env, SOTTO_PASSPHRASE: kPassphrase },
      stdio: "inherit",
    });
  }
  const size = fs.statSync(path.join(world.alice.folder, "store.db")).size;
  await world.alice.start();
  await world.alice.call("profile.unlock", { passphrase: kPassphrase });
  print(await measure(world, "bob"), await measure(world, "carol"));
  console.log(`\nthe profile's store: ${(size / 2 ** 20).toFixed(0)} MiB`);
} finally {
  await world.close();
}
