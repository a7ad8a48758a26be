// What is sent later: written, seen, changed, taken back, and sent when the time has come.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accept, before, bubble, eventually, open, presentable, say, test, visit, World } from "./support.mjs";

let world;
let alice;

before(async () => {
  world = await World.make("alice", "bob");
  alice = await world.page(world.alice);
  await open(alice, "bob");
  await say(alice, "Hello Bob");
});
after(() => world.close());

async function later(text, choose) {
  await alice.locator(".composer textarea").fill(text);
  await alice.getByRole("button", { name: "Add something" }).click();
  await alice.getByRole("menuitem", { name: "Send later" }).click();
  const dialog = alice.getByRole("dialog", { name: "Send later" });
  await choose(dialog);
  await dialog.getByRole("button", { name: "Send later" }).click();
  await dialog.waitFor({ state: "detached" });
}

/** As the page's own clock and zone have it. */
const fieldTime = (ms) => alice.evaluate((at) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16), ms);

test("a message is written for later, and waits where it is seen", async () => {
  await later("Happy birthday!", async (dialog) => {
    await presentable(alice, "send later");
    await dialog.getByRole("button", { name: /^Tomorrow morning/ }).click();
  });
  await later("The keys are *under* the pot", async (dialog) => dialog.getByLabel("When").fill(await fieldTime(Date.now() + 7 * 86_400_000)));
  await alice.locator(".scheduled-here", { hasText: "2 messages are sent later" }).waitFor();
  await presentable(alice, "waiting in a conversation");
  await alice.locator(".scheduled-here").click();
  await alice.getByRole("heading", { name: "To be sent later" }).waitFor();
  assert.deepEqual(await alice.locator(".scheduled-said").allTextContents(), ["Happy birthday!", "The keys are under the pot"]);
  await presentable(alice, "sent later");
  assert.deepEqual(await world.bob.texts("alice"), ["Hello Bob"]);
});

test("it is changed, and what was taken back is not sent", async () => {
  const article = (text) => alice.locator(".request", { hasText: text });
  await article("The keys").getByRole("button", { name: "Do not send" }).click();
  await alice.getByRole("dialog").getByRole("button", { name: "Do not send" }).click();
  await article("The keys").waitFor({ state: "detached" });
  await article("Happy birthday!").getByRole("button", { name: "Change" }).click();
  const dialog = alice.getByRole("dialog");
  await dialog.getByLabel("Message").fill("Happy birthday, Bob!");
  // The minute that begins next, with a few seconds to press the button in.
  await dialog.getByLabel("When").fill(await fieldTime(Math.ceil((Date.now() + 5000) / 60_000) * 60_000));
  await presentable(alice, "changing what is sent later");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  await article("Happy birthday, Bob!").waitFor();
  const waiting = (await world.alice.call("messages.list_scheduled")).scheduled;
  assert.deepEqual(waiting.map((each) => each.body), ["Happy birthday, Bob!"]);
});

test("and goes by itself", async () => {
  const bob = await world.page(world.bob);
  await accept(bob, "alice");
  await bubble(bob, "Happy birthday, Bob!").waitFor();
  await alice.getByText("Nothing waits.").waitFor();
  await visit(alice, "#/c/bob");
  await bubble(alice, "Happy birthday, Bob!").waitFor();
  await eventually("once", async () => (await world.bob.texts("alice")).filter((text) => text.startsWith("Happy")).length === 1);
  assert.equal((await world.bob.texts("alice")).some((text) => text.includes("keys")), false);
});
