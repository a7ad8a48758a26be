// Groups, people made sure of, a key that changed, the keyboard.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accept, accessible, before, bubble, eventually, open, presentable, say, test, World } from "./support.mjs";

let world;
let alice;
let bob;

before(async () => {
  world = await World.make("alice", "bob", "carol", "dora");
  alice = await world.page(world.alice);
  bob = await world.page(world.bob);
});
after(() => world.close());

test("a group is made, written to, given a new name and one more member by link", async () => {
  await alice.getByRole("button", { name: "New conversation" }).first().click();
  await alice.getByRole("tab", { name: "Group" }).click();
  await alice.getByLabel("Name of the group").fill("Allotment");
  await alice.getByLabel("People").fill("bob");
  await alice.keyboard.press("Enter");
  await accessible(alice, "new group");
  await alice.getByRole("button", { name: "Create group" }).click();
  await alice.locator(".pane-header", { hasText: "Allotment" }).waitFor();
  await say(alice, "Rain at last");
  await accept(bob, "Allotment");
  await bubble(bob, "Rain at last").waitFor();
  await say(bob, "Finally");
  await bubble(alice, "Finally").waitFor();

  await alice.getByRole("button", { name: "Details" }).click();
  await alice.getByLabel("Name of the group").fill("Old allotment");
  await alice.getByRole("button", { name: "Save" }).click();
  await bob.locator(".pane-header", { hasText: "Old allotment" }).waitFor();
  await alice.getByRole("button", { name: "Show the invite link" }).click();
  const link = (await alice.getByTestId("group-link").textContent()).trim();
  await world.carol.call("groups.join", { link });
  await alice.getByRole("button", { name: "Let in" }).click();
  await alice.locator(".members", { hasText: "carol" }).waitFor();
  await accessible(alice, "group details");
  await say(bob, "Welcome, Carol");
  await eventually("carol hears it", async () => {
    const group = ((await world.carol.call("groups.list")).groups ?? [])[0]?.group;
    return group !== undefined && (await world.carol.texts(`#${group}`)).includes("Welcome, Carol");
  });
});

test("two people compare twelve digits", async () => {
  await open(alice, "bob");
  await say(alice, "Shall we compare?");
  await accept(bob, "alice");
  await bubble(bob, "Shall we compare?").waitFor();
  const digits = [];
  for (const page of [alice, bob]) {
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByRole("tab", { name: "By telephone" }).click();
    await page.getByRole("button", { name: "Begin" }).click();
  }
  for (const page of [alice, bob]) digits.push(await page.getByTestId("digits").textContent());
  assert.equal(digits[0], digits[1]);
  assert.match(digits[0], /^\d{4} \d{4} \d{4}$/);
  for (const page of [alice, bob]) {
    await page.getByRole("button", { name: "They are the same" }).click();
    await page.getByText("is verified.").waitFor();
    await page.getByRole("button", { name: "Done" }).click();
    await page.locator(".pane-header", { hasText: "verified" }).waitFor();
  }
});

test("and by the QR code that one shows and the other reads from a picture", async () => {
  await world.carol.call("conversations.open", { conversation: "alice" });
  await world.carol.call("messages.send", { conversation: "alice", text: "it is Carol" });
  await accept(alice, "carol");
  const carol = await world.page(world.carol, { hash: "#/c/alice/details" });
  await carol.getByRole("button", { name: "Verify" }).click();
  const shown = await carol.locator("svg.qr").screenshot();
  await carol.keyboard.press("Escape");
  await alice.locator(".details").waitFor({ state: "hidden" }).catch(() => undefined);
  await alice.getByRole("button", { name: "Details" }).click();
  await alice.getByRole("button", { name: "Verify" }).click();
  await accessible(alice, "verification");
  await alice.getByRole("tab", { name: "Scan theirs" }).click();
  await alice.locator(".qr-reader input[type=file]").setInputFiles({ name: "code.png", mimeType: "image/png", buffer: shown });
  await alice.getByText("is verified.").waitFor();
  await alice.getByRole("button", { name: "Done" }).click();
});

test("somebody who turned the account off is not written to, whoever has the name later", async () => {
  await world.dora.call("conversations.open", { conversation: "alice" });
  await world.dora.call("messages.send", { conversation: "alice", text: "I move to another server" });
  await accept(alice, "dora");
  await say(alice, "Farewell");
  await eventually("dora has it", async () => (await world.dora.texts("alice")).includes("Farewell"));
  await world.dora.call("account.deregister", { account: true, abandon: true });
  // That she writes may tell it before she sends.
  await alice.locator(".composer textarea").fill("Are you there?");
  await alice.keyboard.press("Enter");
  await alice.locator(".composer-closed", { hasText: "This account was turned off" }).waitFor();
  assert.equal(await alice.locator(".composer textarea").count(), 0);
  await presentable(alice, "an account that was turned off");
});

test("everything can be done without a mouse", async () => {
  await open(alice, "bob");
  const field = alice.locator(".composer textarea");
  await field.focus();
  await alice.keyboard.press("Shift+Tab");
  await alice.keyboard.press("Shift+Tab");
  await eventually("the focus is on the newest message", () => alice.evaluate(() => document.activeElement?.matches(".bubble, .system") === true));
  await alice.keyboard.press("ArrowUp");
  await alice.keyboard.press("End");
  await field.focus();
  await alice.keyboard.press("Alt+ArrowDown");
  await eventually("another conversation is open", async () => !alice.url().includes("/c/bob"));
  await alice.evaluate(() => document.activeElement.blur());
  await alice.keyboard.press("?");
  await alice.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await alice.keyboard.press("Escape");
  await alice.keyboard.press("Alt+,");
  await alice.getByRole("heading", { name: "Settings" }).waitFor();
});

test("settings and the security check hold what the client knows", async () => {
  for (const section of ["profile", "checkup", "devices", "recovery", "privacy", "family", "programs", "appearance", "about"]) {
    await alice.evaluate((to) => void (window.location.hash = `#/settings/${to}`), section);
    await alice.locator(".settings-page .section, .settings-page .banner").first().waitFor();
    await alice.locator(".settings-page .spinner").first().waitFor({ state: "detached" });
    await accessible(alice, section);
  }
  await alice.evaluate(() => void (window.location.hash = "#/settings/checkup"));
  await alice.getByText("The line to the server is quantum-safe").waitFor();
  await alice.getByText("X25519MLKEM768").waitFor();
});

test("a lie that ended is said, and what waits goes to the key that was known", async () => {
  await open(bob, "carol");
  await say(bob, "Is that you, Carol?");
  await eventually("carol hears it", async () => (await world.carol.texts("bob")).includes("Is that you, Carol?"));
  await world.server.keepTruth();
  await world.server.operator("impostor", "carol");
  await say(bob, "Between the two of us");
  const warning = bob.getByRole("alert").filter({ hasText: "Nothing is sent until you decide." });
  await warning.getByText(/The key of .?carol.? changed\./).waitFor();
  await bubble(bob, "Between the two of us").locator(".state.queued").waitFor();

  // The client asks again after a minute.
  await world.server.tellTruth();
  await warning.getByText(/The server shows the key of .?carol.? that you know again\./).waitFor();
  await bob.locator(".system", { hasText: "the server shows the known key of carol again" }).waitFor();
  await bubble(bob, "Between the two of us").locator(".state.queued").waitFor();
  await presentable(bob, "a known key that is shown again");
  await warning.getByRole("button", { name: "Keep the key you know" }).click();
  const question = bob.getByRole("dialog");
  await question.getByText("that nothing changed").waitFor();
  await accessible(bob, "keeping a known key");
  await question.getByRole("button", { name: "Keep the key you know" }).click();
  await warning.waitFor({ state: "hidden" });
  await bob.locator(".system", { hasText: "you kept the known key of carol" }).waitFor();
  await eventually("carol hears what waited", async () => (await world.carol.texts("bob")).includes("Between the two of us"));
});

test("a key that changed stops the conversation until somebody decides", async () => {
  await open(bob, "carol");

  // From here on the server shows bob somebody else's key for carol, and takes messages for that one alone.
  const impostor = await world.server.operator("impostor", "carol", "--in-log", "--alone");
  const waiting = async () => (await world.server.operator("waiting", impostor.account, impostor.device)).envelopes;
  await say(bob, "For Carol alone");
  const warning = bob.getByRole("alert").filter({ hasText: /The key of .?carol.? changed\./ });
  await warning.getByText("Nothing is sent until you decide.").waitFor();
  await eventually("its line stands below that of the lie before", async () => (await bob.locator(".system.warn").count()) === 2);
  await bubble(bob, "For Carol alone").locator(".state.queued").waitFor();
  await bob.locator(".conversation-bottom").getByLabel("Their key changed").waitFor();
  // It is told once, where it is decided.
  assert.equal(await bob.locator(".alerts").getByText("identity key").count(), 0);
  await presentable(bob, "a key that changed");
  const before = bob.viewportSize();
  await bob.setViewportSize({ width: 360, height: 780 });
  const room = (await warning.locator(".banner-words").boundingBox()).width;
  assert.ok(room >= 200, `the warning has ${room} pixels on a telephone`);
  await bob.setViewportSize(before);
  assert.equal(await waiting(), 0);

  await warning.getByRole("button", { name: "Accept the new key" }).click();
  const question = bob.getByRole("dialog");
  await question.getByText("face to face").waitFor();
  await accessible(bob, "accepting a changed key");
  await bob.keyboard.press("Escape");
  await question.waitFor({ state: "hidden" });
  await warning.getByRole("button", { name: "Verify" }).click();
  await question.getByRole("tab", { name: "Scan theirs" }).waitFor();
  await accessible(bob, "verifying a changed key");
  await bob.keyboard.press("Escape");
  await question.waitFor({ state: "hidden" });
  await warning.waitFor();

  await warning.getByRole("button", { name: "Accept the new key" }).click();
  await question.getByRole("button", { name: "Accept the new key" }).click();
  await warning.waitFor({ state: "hidden" });
  await bob.locator(".system", { hasText: "you accepted the new key of carol without comparing it" }).waitFor();
  // It was bob's to decide: what waited goes to whom the accepted key belongs.
  await bubble(bob, "For Carol alone").locator(".state.sent").waitFor();
  assert.notEqual(await waiting(), 0);
});
