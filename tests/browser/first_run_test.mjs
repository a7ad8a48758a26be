// Somebody who has never seen a terminal: an account, a way back on paper, a second device, and the account back when
// both are gone.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, before, bubble, kPassphrase, open, say, test, World } from "./support.mjs";

let world;
let key;
const kPassword = "four words and more";

before(async () => {
  world = await World.make("bob");
});
after(() => world.close());

async function makeProfile(page) {
  await page.getByRole("button", { name: "Get started" }).click();
  await page.getByLabel("Passphrase").fill(kPassphrase);
  await page.getByLabel("The same once more").fill(kPassphrase);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
}

test("without the agent's token the page says what to do", async () => {
  const page = await world.page({ origin: world.bob.origin, url: `${world.bob.origin}/` });
  await page.getByRole("heading", { name: "Open Sotto from its agent" }).waitFor();
  await accessible(page, "unpaired");
  await page.getByLabel("Address that the agent printed").fill(world.bob.url);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("heading", { name: "Your conversations" }).waitFor();
});

test("an account is made, and its recovery key typed in again", async () => {
  world.alice = await world.person("alice");
  const page = await world.page(world.alice);
  await page.getByRole("heading", { name: "Welcome to Sotto" }).waitFor();
  assert.equal(new URL(page.url()).hash, "", "the token does not stay in the address");
  await accessible(page, "welcome");
  await makeProfile(page);
  await accessible(page, "choice");
  await page.getByRole("button", { name: /Create an account/ }).click();
  await page.getByLabel("Server", { exact: true }).fill(world.server.address);
  await page.getByLabel("Username").fill("bob");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.locator(".banner.bad").waitFor();
  await page.getByLabel("Username").fill("alice");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("button", { name: "Make a recovery key" }).click();
  key = (await page.getByTestId("recovery-key").textContent()).trim();
  assert.match(key, /[A-Z0-9]{4}/);
  await accessible(page, "recovery sheet");
  await page.getByRole("button", { name: "I have it on paper" }).click();
  await page.getByLabel("Recovery key").fill(`${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.locator(".field .error").waitFor();
  await page.getByLabel("Recovery key").fill(key.toLowerCase());
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("heading", { name: "Your conversations" }).waitFor();
  assert.equal((await world.alice.call("recovery.status")).key, true);

  await page.getByRole("button", { name: "New conversation" }).first().click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("bob");
  await page.keyboard.press("Enter");
  await page.locator(".pane-header").waitFor();
  await say(page, "my first words here");
  await page.getByRole("button", { name: "Settings" }).first().click();
  await page.getByLabel("New password").fill(kPassword);
  await page.getByLabel("The same once more").fill(kPassword);
  await page.getByRole("button", { name: "Set password" }).click();
  await page.locator(".toast", { hasText: "The password is set." }).waitFor();
  await page.getByRole("button", { name: "Lock now" }).click();
  await page.getByLabel("Passphrase").fill("wrong");
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.locator(".field .error").waitFor();
  await accessible(page, "unlock");
  await page.getByLabel("Passphrase").fill(kPassphrase);
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.locator(".me-name", { hasText: "alice" }).waitFor();
});

test("a second device joins by a code, and by a QR code's text a third", async () => {
  const first = await world.page(world.alice, { hash: "#/settings/devices" });
  for (const way of ["code", "qr"]) {
    const person = await world.person(`alice-${way}`);
    world[way] = person;
    const page = await world.page(person);
    await makeProfile(page);
    await page.getByRole("button", { name: /Link this device/ }).click();
    await page.getByLabel("Server", { exact: true }).fill(world.server.address);
    await page.getByLabel("Name of this device").fill(`by ${way}`);
    await first.getByRole("button", { name: "Link a device" }).click();
    if (way === "code") {
      await first.getByRole("button", { name: "Show a code" }).click();
      const code = (await first.getByTestId("link-code").textContent()).replace(/\D/g, "");
      assert.match(code, /^\d{6}$/);
      await page.getByLabel("Username").fill("alice");
      await page.getByLabel("Password of the account").fill(kPassword);
      await page.getByLabel("Code", { exact: true }).fill(code);
      await page.getByRole("button", { name: "Link", exact: true }).click();
    } else {
      await first.getByRole("button", { name: "Show a QR code" }).click();
      await first.getByText("As text").click();
      const text = await first.getByTestId("qr-text").textContent();
      await page.getByRole("tab", { name: "With a QR code" }).click();
      await page.getByLabel("Or paste the text of the code").fill(text.trim());
      await page.getByRole("button", { name: "Use this text" }).click();
    }
    await page.locator(".me-name", { hasText: "alice" }).waitFor();
    await first.getByText("is one of your devices now.").waitFor();
    await first.getByRole("button", { name: "Close" }).first().click();
    await first.locator(".plain-list", { hasText: `by ${way}` }).waitFor();
  }
  await accessible(first, "devices");
});

test("what is said on one device is on the other, too; one that is removed says so", async () => {
  const page = await world.page(world.code, { hash: "#/c/bob" });
  await world.bob.call("messages.send", { conversation: "alice", text: "to both of your devices" });
  await bubble(page, "to both of your devices").waitFor();
  const first = await world.page(world.alice, { hash: "#/settings/devices" });
  await first.getByRole("button", { name: /Rename .*by code/ }).click();
  await first.getByLabel("Name of this device").fill("kitchen");
  await first.getByRole("button", { name: "Save" }).click();
  await first.getByRole("button", { name: /Remove .*kitchen/ }).click();
  await first.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("this device was removed from the account by another one").waitFor();
});

test("what happened to the account while nobody looked is told until somebody has seen it", async () => {
  const waiting = (await world.qr.call("account.notices")).notices;
  assert.ok(waiting.some(({ kind }) => kind === "DEVICE_REMOVED"), JSON.stringify(waiting));
  const page = await world.page(world.qr);
  for (const { detail } of waiting) {
    const banner = page.locator(".alerts .banner", { hasText: detail.split(/[.;] /)[0] }).first();
    await banner.waitFor();
    assert.doesNotMatch(await banner.innerText(), /sotto /, "a page speaks of no commands");
    await banner.getByRole("button", { name: "Dismiss" }).click();
  }
  await page.reload();
  await page.locator(".me-name", { hasText: "alice" }).waitFor();
  assert.deepEqual(await world.qr.call("account.notices"), {});
  assert.equal(await page.locator(".alerts .banner").count(), 0);
});

test("when the devices are gone the key on paper brings the account back", async () => {
  await world.alice.stop();
  const person = await world.person("alice-again");
  const page = await world.page(person);
  await makeProfile(page);
  await page.getByRole("button", { name: /Recover an account/ }).click();
  await page.getByLabel("Server", { exact: true }).fill(world.server.address);
  await page.getByLabel("Username").fill("alice");
  await page.getByLabel("Recovery key").fill(key);
  await page.getByRole("button", { name: "Recover", exact: true }).click();
  await page.locator(".me-name", { hasText: "alice" }).waitFor();
  await open(page, "bob");
  await say(page, "I am back");
});
