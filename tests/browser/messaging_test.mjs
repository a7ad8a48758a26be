// Two people in two browsers: words, files, changes, what arrives when the server was away.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accept, accessible, act, before, bubble, eventually, open, say, test, World } from "./support.mjs";

let world;
let alice;
let bob;

before(async () => {
  world = await World.make("alice", "bob");
  alice = await world.page(world.alice);
  bob = await world.page(world.bob);
  await open(alice, "bob");
  await say(alice, "Hello Bob");
  await accept(bob, "alice");
  await bubble(bob, "Hello Bob").waitFor();
});
after(() => world.close());

test("words go both ways, with receipts, and say that they are encrypted", async () => {
  await say(bob, "Hello Alice");
  await bubble(alice, "Hello Alice").waitFor();
  await bubble(alice, "Hello Bob").locator(".state.read, .state.delivered").waitFor();
  assert.match(await bubble(alice, "Hello Alice").getAttribute("aria-label"), /bob, Hello Alice, .*end-to-end encrypted/);
  assert.equal(await alice.locator(".pane-header .tag").textContent(), " End-to-end encrypted");
  await accessible(alice, "conversation");
});

test("typing is shown while it lasts", async () => {
  await bob.locator(".composer textarea").pressSequentially("wait");
  await alice.getByText("is writing…").waitFor();
  await bob.locator(".composer textarea").fill("");
  await alice.getByText("is writing…").waitFor({ state: "detached" });
});

test("an answer, a reaction, a change with its history, and a taken back message", async () => {
  await act(alice, "Hello Alice", "Reply");
  await say(alice, "An answer");
  await bubble(bob, "An answer").locator(".quote", { hasText: "Hello Alice" }).waitFor();

  await bubble(bob, "An answer").focus();
  await bob.keyboard.press("Enter");
  await bob.getByRole("button", { name: /React with .*❤️/ }).click();
  await alice.locator(".reactions", { hasText: "❤️" }).waitFor();

  await act(alice, "An answer", "Edit");
  await alice.locator(".composer textarea").fill("A better *answer*");
  await alice.keyboard.press("Enter");
  await bubble(bob, "A better answer").getByText("edited").waitFor();
  assert.equal(await bubble(bob, "A better answer").locator("strong").textContent(), "answer");
  await bubble(bob, "A better answer").getByText("edited").click();
  await bob.locator(".earlier", { hasText: "An answer" }).waitFor();
  await bob.keyboard.press("Escape");

  await act(alice, "A better answer", "Unsend");
  await alice.getByRole("dialog").getByRole("button", { name: "Unsend" }).click();
  await bubble(bob, "This message was taken back").waitFor();
  await eventually("no word of it is left", async () => (await bob.getByText("A better answer").count()) === 0);
});

test("polls, places and cards are shown as what they are", async () => {
  const more = async (what) => {
    await alice.getByRole("button", { name: "Add something" }).click();
    await alice.getByRole("menuitem", { name: what }).click();
  };
  await more("Poll");
  await alice.getByLabel("Question").fill("Where?");
  await alice.getByLabel("Answer 1").fill("Here");
  await alice.getByLabel("Answer 2").fill("There");
  await alice.getByRole("button", { name: "Ask" }).click();
  await bubble(bob, "Where?").getByRole("radio", { name: /There/ }).click();
  await eventually("the vote counts", async () => (await bubble(alice, "Where?").getByText("1 person voted").count()) === 1);
  await more("Place");
  await alice.getByLabel("Latitude").fill("59.34254");
  await alice.getByLabel("Longitude").fill("18.04985");
  await alice.getByRole("button", { name: "Send place" }).click();
  assert.equal(await bubble(bob, "59.34254, 18.04985").getByRole("link").getAttribute("href"), "geo:59.34254,18.04985");
  await more("Contact card");
  await alice.getByLabel("Name", { exact: true }).fill("Carol");
  await alice.getByRole("button", { name: "Send card" }).click();
  await bubble(bob, "Carol").getByText("nothing is proven by it").waitFor();
});

test("what is written while the server is away waits and leaves when it is back", async () => {
  await world.server.stop();
  await alice.getByText("Not connected to the server").waitFor();
  await say(alice, "written in a tunnel");
  await bubble(alice, "written in a tunnel").locator(".state.queued").waitFor();
  await world.server.start();
  await bubble(bob, "written in a tunnel").waitFor();
});

test("an agent that is away is told of, and nothing is lost when it is back", async () => {
  await world.bob.stop();
  await bob.getByText("The agent on this computer does not answer").waitFor();
  await say(alice, "while Bob's agent was away");
  await world.bob.start();
  await bob.getByLabel("Passphrase").fill("correct horse battery");
  await bob.getByRole("button", { name: "Unlock" }).click();
  await bubble(bob, "while Bob's agent was away").waitFor();
});

test("messages are found by their words and opened where they stand", async () => {
  for (let number = 0; number < 70; number += 1) await world.alice.call("messages.send", { conversation: "bob", text: `line ${number}` });
  await bubble(bob, "line 69").waitFor();
  await bob.reload();
  await bubble(bob, "line 69").waitFor();
  assert.equal(await bob.locator(".bubble", { hasText: "Hello Alice" }).count(), 0, "the beginning is not laid out");
  await bob.keyboard.press("Control+k");
  await bob.getByRole("searchbox", { name: "Words" }).fill("tunnel");
  await bob.locator(".results a", { hasText: "written in a tunnel" }).click();
  await bubble(bob, "written in a tunnel").waitFor();
  await accessible(bob, "search");
});

test("a draft waits in its conversation", async () => {
  await alice.locator(".composer textarea").fill("half a thou");
  await eventually("the draft is kept", async () => (await world.alice.call("conversations.get", { conversation: "bob" })).draft === "half a thou");
  await alice.reload();
  await eventually("it is there again", async () => (await alice.locator(".composer textarea").inputValue()) === "half a thou");
});
