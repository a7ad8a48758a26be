// 360 pixels, dark, Swedish: every main screen fits and can be used.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, before, beside, bubble, eventually, open, test, World } from "./support.mjs";

let world;
let page;

before(async () => {
  world = await World.make("alice", "bob");
  await world.bob.call("messages.send", { conversation: "alice", text: "Hej! https://example.org/a-rather-long-address-that-must-break-somewhere-in-the-line" });
  page = await world.page(world.alice, { width: 360, height: 640, colorScheme: "dark", locale: "sv-SE" });
});
after(() => world.close());

const fits = async (where) => assert.deepEqual(await beside(page), [], where);

test("the list, and a request", async () => {
  await page.locator(".requests-entry").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "sv");
  await fits("list");
  await accessible(page, "list");
  await page.locator(".requests-entry").click();
  await page.locator(".request").waitFor();
  await fits("requests");
  await accessible(page, "requests");
  await page.getByRole("button", { name: "Godta" }).click();
  await bubble(page, "Hej!").waitFor();
  await page.getByRole("button", { name: "Tillbaka till alla samtal" }).click();
  await page.locator(".conversation", { hasText: "bob" }).waitFor();
});

test("a conversation, and the way back to the list", async () => {
  await page.locator(".conversation", { hasText: "bob" }).click();
  await bubble(page, "Hej!").waitFor();
  await fits("conversation");
  await accessible(page, "conversation");
  await page.locator(".composer textarea").fill("Hej själv");
  await page.getByRole("button", { name: "Skicka" }).click();
  await bubble(page, "Hej själv").waitFor();
  await eventually("bob has it", async () => (await world.bob.texts("alice")).includes("Hej själv"));
  await page.getByRole("button", { name: "Tillbaka till alla samtal" }).click();
  await page.locator(".conversation", { hasText: "bob" }).waitFor();
});

test("details, verification, settings and search", async () => {
  await open(page, "bob");
  await page.getByRole("button", { name: "Detaljer" }).click();
  await page.locator(".details .security").waitFor();
  await fits("details");
  await accessible(page, "details");
  await page.getByRole("button", { name: "Verifiera" }).click();
  await page.locator("svg.qr").waitFor();
  await fits("verification");
  await page.keyboard.press("Escape");
  for (const hash of ["#/settings/profile", "#/settings/checkup", "#/settings/devices", "#/settings/privacy", "#/settings/family", "#/settings/programs", "#/scheduled", "#/search"]) {
    await page.evaluate((to) => void (window.location.hash = to), hash);
    await page.locator(".settings-page .section, .search, .requests").first().waitFor();
    await fits(hash);
    await accessible(page, hash);
  }
});
