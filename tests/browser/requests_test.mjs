// What strangers send: who and how much is told, nothing is fetched, links lead nowhere, until somebody decides.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after } from "node:test";
import { accessible, before, bubble, eventually, png, presentable, test, visit, World } from "./support.mjs";

let world;
let bob;

before(async () => {
  world = await World.make("alice", "bob", "a1ice", "carol", "dan", "eve", "fay");
  await world.bob.call("files.set_policy", { max_octets: "1000000", from: "EVERYBODY" });
  bob = await world.page(world.bob);
  await bob.getByRole("heading", { name: "Your conversations" }).waitFor();
});
after(() => world.close());

const entry = (page) => page.locator(".requests-entry");
const request = (page, name) => page.locator(`.request[aria-label="${name}"]`);
const newest = async (person, conversation) => ((await person.call("conversations.history", { conversation })).messages ?? []).at(-1);

async function say(person, text) {
  const sent = await person.call("messages.send", { conversation: "bob", text });
  await eventually("the server has it", async () => (await person.call("messages.get", { conversation: "bob", message_id: sent.message_id })).state !== "QUEUED");
}

test("of a stranger only who and how much is shown, and nothing is fetched, until it is accepted", async () => {
  const file = path.join(world.folder, "holiday.png");
  fs.writeFileSync(file, png(320, 200));
  await world.eve.call("messages.send", { conversation: "bob", text: "sign in: https://xn--80ak6aa92e.com/login", files: [{ path: file }] });
  await entry(bob).filter({ hasText: "Requests (1)" }).waitFor();
  assert.equal(await bob.locator(".conversation").count(), 0, "it is no conversation yet");
  await entry(bob).click();
  await request(bob, "eve").getByText("1 message").waitFor();
  await accessible(bob, "requests");
  await bob.evaluate(() => void (window.location.hash = "#/c/eve"));
  await request(bob, "eve").waitFor();
  assert.equal(await bob.getByText("sign in").count(), 0, "not what");
  assert.equal(await bob.locator(".composer").count(), 0);
  assert.equal((await newest(world.bob, "eve")).files[0].state, "REMOTE");
  assert.equal((await newest(world.eve, "bob")).state, "SENT", "and eve hears nothing");

  await request(bob, "eve").getByRole("button", { name: "Accept" }).click();
  await bubble(bob, "sign in").waitFor();
  await bob.locator(".conversation", { hasText: "eve" }).waitFor();
  await entry(bob).waitFor({ state: "detached" });
  await eventually("eve hears of it now", async () => (await newest(world.eve, "bob")).state !== "SENT");
});

test("accepting makes no link active; revealing does, after it was said where it leads", async () => {
  const said = bubble(bob, "sign in");
  await said.locator(".inert-links").getByText("It can be taken for \u2068apple.com\u2069, and is not that.").waitFor();
  assert.equal(await bob.locator(".bubble a").count(), 0);
  await accessible(bob, "inert links");
  await said.getByRole("button", { name: "Make links active" }).click();
  await said.locator(".inert-links").waitFor({ state: "detached" });
  await said.getByRole("button", { name: "https://xn--80ak6aa92e.com/login" }).click();
  const dialog = bob.getByRole("dialog", { name: "Open this link?" });
  await dialog.getByText("It can be taken for").waitFor();
  assert.equal(await dialog.getByRole("link", { name: "Open in a new tab" }).getAttribute("href"), "https://xn--80ak6aa92e.com/login");
  await bob.keyboard.press("Escape");
});

test("a picture that came before comes when it is asked for, and is shown as made anew", async () => {
  const said = bubble(bob, "sign in");
  assert.equal((await newest(world.bob, "eve")).files[0].state, "REMOTE", "accepting fetches nothing by itself");
  await said.getByRole("button", { name: /^Fetch/ }).click();
  await eventually("it was looked at", async () => (await newest(world.bob, "eve")).files[0].media === "CLEAN");
  await said.getByRole("button", { name: /Open picture .*holiday.png/ }).click();
  const picture = bob.getByRole("dialog").locator("img");
  await eventually("it is a picture", () => picture.evaluate((image) => image.complete && image.naturalWidth === 320));
  await bob.keyboard.press("Escape");
});

/** The agent's word about eve's picture is put into its mouth. */
async function told(words) {
  const asked = [];
  const page = await world.page(world.bob, {
    hash: "#/c/eve",
    prepare: async (made) => {
      made.on("request", (each) => asked.push(each.url()));
      await made.routeWebSocket(/\/v1\/rpc$/, (socket) => {
        const agent = socket.connectToServer();
        agent.onMessage((message) => socket.send(String(message).replaceAll('"media":"CLEAN"', words)));
      });
    },
  });
  return { page, clean: () => asked.some((url) => url.includes("clean=1")) };
}

test("what the classifier hides is covered, and not even read, until somebody wants it", async () => {
  const { page, clean } = await told('"media":"HIDDEN"');
  await page.locator(".picture img.covered").waitFor();
  assert.equal(clean(), false);
  await accessible(page, "hidden picture");
  await page.locator(".picture").getByRole("button", { name: "Show", exact: true }).click();
  await page.locator(".picture img:not(.covered)").waitFor();
  await eventually("the clean one is read", async () => clean());
});

test("what breaks decoders, or was not looked at yet, is not shown, and it says why", async () => {
  const broken = await told('"media":"QUARANTINED","media_failure":"it ended the decoder three times"');
  await broken.page.locator(".file", { hasText: "it ended the decoder three times" }).waitFor();
  const waiting = await told('"media":"UNCHECKED"');
  await waiting.page.getByText("Looked at before it is shown…").waitFor();
  for (const each of [broken, waiting]) {
    assert.equal(await each.page.locator(".picture img").count(), 0);
    assert.equal(each.clean(), false);
  }
});

test("a name like that of somebody known is told, and who is blocked is not heard again", async () => {
  await world.bob.call("messages.send", { conversation: "alice", text: "Hello Alice" });
  await say(world.a1ice, "it is me, Alice");
  await entry(bob).click();
  await request(bob, "a1ice").getByText("only the names look alike").waitFor();
  await accessible(bob, "a name like another");
  await request(bob, "a1ice").getByRole("button", { name: "Block" }).click();
  await bob.getByRole("dialog").getByRole("button", { name: "Block" }).click();
  await request(bob, "a1ice").waitFor({ state: "detached" });
  await say(world.a1ice, "why do you not answer?");
  await eventually("alice was reached", async () => (await world.alice.texts("bob")).includes("Hello Alice"));
  await say(world.alice, "Hello Bob");
  await bob.locator(".conversation", { hasText: "Hello Bob" }).waitFor();
  assert.equal(await entry(bob).count(), 0);
  assert.equal(await bob.locator(".conversation", { hasText: "a1ice" }).count(), 0);
});

test("what is deleted goes unread, and who writes again asks again", async () => {
  for (const text of ["buy", "buy this"]) await say(world.carol, text);
  await entry(bob).click();
  await request(bob, "carol").getByText("2 messages").waitFor();
  await request(bob, "carol").getByRole("button", { name: "Delete" }).click();
  await bob.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await request(bob, "carol").waitFor({ state: "detached" });
  await bob.getByText("There are none.").waitFor();
  assert.deepEqual(await world.bob.texts("carol"), []);
  assert.equal((await newest(world.carol, "bob")).state, "SENT");
  await say(world.carol, "buy that");
  await request(bob, "carol").getByText("1 message").waitFor();
});

test("looking up somebody who asked shows the request, not what it says", async () => {
  await bob.getByRole("button", { name: "New conversation" }).first().click();
  await bob.getByLabel("Who?").fill("carol");
  await bob.getByRole("button", { name: "Start" }).click();
  await bob.getByRole("heading", { name: "A request" }).waitFor();
  await request(bob, "carol").getByText("1 message").waitFor();
  assert.equal(await bob.getByText("buy that").count(), 0);
  assert.equal(await bob.locator(".conversation", { hasText: "carol" }).count(), 0);
});

test("a stranger is reported with the messages that somebody chose, read for that alone, and blocked", async () => {
  for (const text of ["you won", "only your card number is missing"]) await say(world.dan, text);
  await entry(bob).click();
  await request(bob, "dan").getByRole("button", { name: "Report" }).click();
  const dialog = bob.getByRole("dialog", { name: /^Report/ });
  assert.equal(await dialog.getByText("you won").count(), 0, "not what, before somebody asks");
  await dialog.getByLabel("What is wrong").fill("wants money");
  await dialog.getByRole("button", { name: "Choose messages" }).click();
  await dialog.getByLabel("only your card number is missing").check();
  await presentable(bob, "a report");
  await dialog.getByRole("button", { name: "Report" }).click();
  await request(bob, "dan").waitFor({ state: "detached" });
  const head = await eventually("the operator has it", async () => world.server.admin("reports", "list").reports[0]);
  const shown = JSON.stringify(world.server.admin("reports", "show", head.report));
  assert.ok(shown.includes("wants money") && shown.includes("card number is missing") && !shown.includes("you won"));
});

test("whom somebody blocked stands in the settings, and can be let in again", async () => {
  await visit(bob, "#/settings/privacy");
  const section = bob.locator(".section", { hasText: "on any of your devices" });
  await section.locator(".members li", { hasText: "dan" }).waitFor();
  await bob.getByText("No file is in quarantine.").waitFor();
  await presentable(bob, "privacy");
  await section.getByRole("button", { name: /^Unblock .*dan/ }).click();
  await section.locator(".members li", { hasText: "dan" }).waitFor({ state: "detached" });
  await say(world.dan, "I am back");
  await entry(bob).click();
  await request(bob, "dan").getByText("1 message").waitFor();
});

test("somebody says who may write first, and hands out a link that can be made worthless", async () => {
  await bob.evaluate(() => void (window.location.hash = "#/settings/privacy"));
  await bob.getByLabel("What strangers may do").selectOption("LINK");
  await eventually("the rule is set", async () => (await world.bob.call("requests.rules")).from === "LINK");
  await bob.getByRole("button", { name: "Make a contact link" }).click();
  const link = bob.getByTestId("contact-link");
  const first = await link.textContent();
  assert.match(first, /^SOTTO:CONTACT\/1\/bob\/[0-9a-f]{32}$/);
  await accessible(bob, "rules");
  const fay = await world.page(world.fay);
  await fay.getByRole("button", { name: "New conversation" }).first().click();
  await fay.getByLabel("Who?").fill(first);
  await fay.getByRole("button", { name: "Start" }).click();
  await fay.locator(".pane-header", { hasText: "bob" }).waitFor();
  await say(world.fay, "eve gave me your link");
  await bob.evaluate(() => void (window.location.hash = "#/requests"));
  await request(bob, "fay").waitFor();
  await bob.evaluate(() => void (window.location.hash = "#/settings/privacy"));
  for (const what of ["Renew the link", "Withdraw the link"]) {
    await bob.getByRole("button", { name: what }).click();
    await bob.getByRole("dialog").getByRole("button", { name: what }).click();
    if (what.startsWith("Renew")) await eventually("it is another one", async () => (await link.textContent()) !== first);
    else await link.waitFor({ state: "detached" });
  }
  assert.equal((await world.bob.call("requests.rules")).link ?? "", "");
});
