// What strangers write: nothing of it runs, nothing turns the page around, nothing freezes it.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accept, accessible, before, bubble, test, World } from "./support.mjs";

let world;
let page;
const kTexts = [
  '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'"><b>markup</b>',
  "javascript:alert(1) https://xn--pple-43d.com/login http://user@10.0.0.1:8080/",
  "Invoice \u202egnp.exe\u202c here",
  `Z${"\u0301\u0302".repeat(2500)}`,
  "word ".repeat(3000),
  "\u202e".repeat(3000),
];

before(async () => {
  world = await World.make("alice", "mallory");
  for (const text of kTexts) await world.mallory.call("messages.send", { conversation: "alice", text });
  await world.mallory.call("messages.send", { conversation: "alice", text: "MEGABYTE" });
  page = await world.page(world.alice, {
    prepare: (made) =>
      made.routeWebSocket(/\/v1\/rpc$/, (socket) => {
        const agent = socket.connectToServer();
        // More than any honest program lets through.
        agent.onMessage((message) => socket.send(String(message).replaceAll("MEGABYTE", `huge${"\\u0301\\u0316".repeat(262_144)}`)));
      }),
  });
});
after(() => world.close());

test("a megabyte of marks and all else is laid out in a moment", async () => {
  const began = Date.now();
  await accept(page, "mallory");
  await page.locator(".bubble", { hasText: "huge" }).first().waitFor();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.ok(Date.now() - began < 15_000, `it took ${Date.now() - began} ms`);
  const frames = await page.evaluate(async () => {
    const scroller = document.querySelector(".scroller");
    const times = [];
    for (let step = 0; step < 20; step += 1) {
      const before = performance.now();
      scroller.scrollTop -= 200;
      await new Promise((done) => requestAnimationFrame(done));
      times.push(performance.now() - before);
    }
    return times.sort((a, b) => a - b);
  });
  assert.ok(frames[10] < 500, `a frame took ${frames[10]} ms`);
  await accessible(page, "hostile");
});

test("markup stays words, and nothing of it runs", async () => {
  await bubble(page, "<b>markup</b>").waitFor();
  assert.equal(await page.locator(".bubble b, .bubble script, .bubble img[src='x']").count(), 0);
  assert.notEqual(await page.title(), "owned");
});

test("signs that turn the direction are shown as marks", async () => {
  await bubble(page, "Invoice").locator(".control").first().waitFor();
  assert.ok(!(await bubble(page, "Invoice").locator(".body").textContent()).includes("\u202e"));
});

test("links lead nowhere until their host was shown and they were made active", async () => {
  assert.equal(await page.locator(".bubble a").count(), 0);
  const said = bubble(page, "javascript:alert(1)");
  await said.locator(".inert-links", { hasText: "Leads to \u2068аpple.com\u2069" }).getByText("letters of several alphabets").waitFor();
  await said.locator(".inert-links", { hasText: "What stands before the @" }).waitFor();
  await said.getByRole("button", { name: "https://xn--pple-43d.com/login" }).click();
  const inert = page.getByRole("dialog", { name: "This link is not active" });
  await inert.getByText("letters of several alphabets").waitFor();
  assert.equal(await inert.getByRole("link").count(), 0);
  await inert.getByRole("button", { name: "Make links active" }).click();
  await said.locator(".inert-links").waitFor({ state: "detached" });
  await said.getByRole("button", { name: "https://xn--pple-43d.com/login" }).click();
  const dialog = page.getByRole("dialog", { name: "Open this link?" });
  await dialog.getByText("аpple.com").waitFor();
  const link = dialog.getByRole("link", { name: "Open in a new tab" });
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
  await page.keyboard.press("Escape");
});

test("long texts are folded until somebody wants them", async () => {
  const long = bubble(page, "word word word");
  assert.ok((await long.boundingBox()).height < 1200);
  await long.getByRole("button", { name: "Show all" }).click();
  await long.getByRole("button", { name: "Show all" }).waitFor({ state: "detached" });
});

test("the page's policy lets no other script run", async () => {
  const policy = (await page.request.get(`${world.alice.origin}/`)).headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
});
