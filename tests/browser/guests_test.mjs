// Guests of a group and text messages, through the real Kannel: asked about, green everywhere, said of every message.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accept, act, before, bubble, eventually, presentable, say, test, World } from "./support.mjs";

const kErin = "+46701112233";
const kCarrier = "46700000001";
const kFia = "+46709998877";

let world;
let alice;
let bob;

before(async () => {
  world = await World.makeWithTexts("alice", "bob");
  if (world === undefined) return;
  await world.alice.call("groups.create", { name: "Garden", people: ["bob"] });
  [alice, bob] = [await world.page(world.alice), await world.page(world.bob)];
  await alice.locator(".conversation", { hasText: "Garden" }).click();
  await say(alice, "Just the two of us");
  await accept(bob, "Garden");
  await bubble(bob, "Just the two of us").waitFor();
});
after(() => world?.close());

const step = (name, body) =>
  test(name, async (context) => {
    if (world === undefined) context.skip("Kannel is not here; tools/deps brings it");
    else await body(context);
  });

step("a guest comes in only once somebody said to know that nothing of it is encrypted", async () => {
  await alice.getByRole("button", { name: "Details" }).click();
  assert.equal(await alice.getByRole("heading", { name: "Guests" }).count(), 0);
  await alice.getByRole("switch", { name: "Allow guests" }).click();
  await alice.getByRole("button", { name: "Bring in a guest" }).click();
  const dialog = alice.getByRole("dialog", { name: "A guest by text message" });
  await dialog.getByLabel("Name").fill("Erin");
  await dialog.getByLabel("Telephone number").fill("+46 70 111 22 33");
  const bring = dialog.getByRole("button", { name: "Bring in, not encrypted" });
  assert.equal(await bring.isDisabled(), true);
  await dialog.getByRole("switch", { name: "I know that nothing of it is encrypted" }).check();
  await presentable(alice, "a guest");
  await bring.click();
  await alice.locator(".members li", { hasText: "Erin" }).getByText("brought in by").waitFor();
  await eventually("the guest is told what this is", async () => (await world.kannel.textsTo(kErin)).some((text) => text.includes("which are not encrypted")));
  await presentable(alice, "group with a guest");
});

step("what everybody says is green to see before and after it went", async () => {
  await bob.locator(".composer.green").waitFor();
  await bob.locator(".composer-warning", { hasText: "as a text message, not encrypted" }).waitFor();
  await bob.locator(".pane-header .tag.green", { hasText: "1 guest reads in clear" }).waitFor();
  await bob.locator(".composer textarea").fill("tea at four?");
  await bob.getByRole("button", { name: "Send, also as text message to the guests" }).click();
  for (const page of [alice, bob]) await bubble(page, "tea at four?").locator(".in-clear", { hasText: "Erin" }).waitFor();
  await eventually("the carrier has it", async () => (await world.kannel.textsTo(kErin)).includes("bob (Garden): tea at four?"));
  await act(alice, "tea at four?", "Details and security");
  await alice.getByRole("dialog").getByRole("heading", { name: "As text message, not encrypted" }).waitFor();
  await presentable(alice, "message that went in clear");
  await alice.keyboard.press("Escape");
});

step("one switch keeps a message from them", async () => {
  await bob.getByRole("switch", { name: "Leave guests out" }).check();
  await bob.locator(".composer:not(.green)").waitFor();
  await bob.locator(".composer-warning", { hasText: "Not sent to" }).waitFor();
  await presentable(bob, "without guests");
  await say(bob, "her present is a bicycle");
  await bubble(alice, "her present is a bicycle").waitFor();
  assert.equal(await bubble(alice, "her present is a bicycle").locator(".in-clear").count(), 0);
});

step("whoever passes a message on to them is told, and may leave them out", async () => {
  await act(alice, "tea at four?", "Forward");
  const dialog = alice.getByRole("dialog", { name: "Forward to" });
  await dialog.getByRole("radio", { name: "Garden" }).check();
  await dialog.getByText("as a text message, not encrypted").waitFor();
  await dialog.getByRole("button", { name: "Forward, also as text message" }).waitFor();
  await presentable(alice, "forwarding to guests");
  await dialog.getByRole("switch", { name: "Leave guests out" }).check();
  await dialog.getByRole("button", { name: "Forward", exact: true }).click();
  const passedOn = bubble(bob, "tea at four?");
  await passedOn.locator(".forwarded").waitFor();
  assert.equal(await passedOn.locator(".in-clear").count(), 0);
});

step("what a guest answers is green and says who vouches for it", async () => {
  await world.kannel.ask("answer", kErin.slice(1), kCarrier, "I bring cake");
  for (const page of [alice, bob]) {
    const said = bubble(page, "I bring cake");
    await said.waitFor();
    assert.match(await said.getAttribute("class"), /green/);
    await said.getByText("Text message, not encrypted").waitFor();
    await page.getByText("by text message").first().waitFor();
  }
  await presentable(bob, "what a guest said");
  assert.equal((await world.kannel.textsTo(kErin)).some((text) => text.includes("bicycle")), false);
});

step("who brought a guest in, or an admin, takes them out", async () => {
  await alice.getByRole("button", { name: /^Take .*Erin.* out$/ }).click();
  await alice.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await alice.getByText("There are none.").waitFor();
  await bob.locator(".composer-warning").waitFor({ state: "detached" });
  await say(bob, "alone again");
});

step("where nobody has a number as a name a text message is offered, asked about, and green", async () => {
  await alice.getByRole("button", { name: "New conversation" }).first().click();
  await alice.getByLabel("Who?").fill("+46 70 999 88 77");
  await alice.getByRole("button", { name: "Start" }).click();
  await alice.getByRole("button", { name: "Text message instead" }).click();
  const dialog = alice.getByRole("dialog", { name: /^Text message to/ });
  await presentable(alice, "text message instead");
  await dialog.getByRole("button", { name: "Write, not encrypted" }).click();
  await alice.locator(".composer.green").waitFor();
  await say(alice, "are you coming?");
  assert.match(await bubble(alice, "are you coming?").getAttribute("class"), /green/);
  await eventually("the carrier has it", async () => (await world.kannel.textsTo(kFia)).some((text) => text.endsWith("are you coming?")));
  await presentable(alice, "text messages");
  await alice.getByRole("button", { name: "Details" }).click();
  await alice.getByRole("switch", { name: /^Allow text messages/ }).click();
  await alice.locator(".composer-closed", { hasText: "Nothing goes to this number until you allow it" }).waitFor();
  assert.equal(await alice.locator(".composer textarea").count(), 0);
  await presentable(alice, "text messages not allowed");
});
