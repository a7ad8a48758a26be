// Without devices and without the paper: recovery contacts give the account back, and whoever has a device left refuses
// that to others.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accessible, before, eventually, kPassphrase, presentable, say, open, test, World } from "./support.mjs";

let world;
const contacts = {};
/** Seconds between a contact's first word and its share; the page asks for three days. */
const kDelay = 3;

before(async () => {
  world = await World.make("alice", "bob", "carol");
  const { key } = await world.alice.call("recovery.make_key");
  await world.alice.call("recovery.confirm_key", { key });
  for (const name of ["bob", "carol"]) {
    await world.alice.call("messages.send", { conversation: name, text: "Hello" });
    await eventually(`${name} knows alice`, async () => (await world[name].texts("alice")).includes("Hello"));
    await world[name].call("requests.accept", { conversation: "alice" });
  }
  await world.alice.call("recovery.set_contacts", { key, contacts: ["bob", "carol"], threshold: 2, delay_s: String(kDelay) });
  await eventually("both have their shares", async () => (await world.alice.call("recovery.status")).contacts_confirmed === 2);
  for (const name of ["bob", "carol"]) contacts[name] = await world.page(world[name], { hash: "#/settings/recovery" });
});
after(() => world.close());

/** A new device that says to be alice's: its page, and the request that it makes. */
async function ask(name) {
  const page = await world.page(await world.person(name));
  await page.getByRole("button", { name: "Get started" }).click();
  await page.getByLabel("Passphrase").fill(kPassphrase);
  await page.getByLabel("The same once more").fill(kPassphrase);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: /Recover an account/ }).click();
  await page.getByRole("tab", { name: "With recovery contacts" }).click();
  await page.getByLabel("Server", { exact: true }).fill(world.server.address);
  await page.getByLabel("Username").fill("alice");
  await page.getByRole("button", { name: "Make a request for them" }).click();
  const request = await page.getByLabel("Your request").inputValue();
  assert.match(request, /^-----BEGIN SOTTO RECOVERY REQUEST-----/);
  await accessible(page, "asking recovery contacts");
  return { page, request, fingerprint: await page.getByTestId("request-fingerprint").textContent() };
}

/** What a contact's page says to a request after its user compared the letters. */
async function answer(name, { request, fingerprint }, picture) {
  const page = contacts[name];
  await page.getByRole("button", { name: "Somebody asks me for my share" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Their request").fill(request);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.getByText("This asks for your share of the account of").waitFor();
  assert.equal(await dialog.getByTestId("request-fingerprint").textContent(), fingerprint);
  if (picture !== undefined) await presentable(page, picture);
  await dialog.getByRole("button", { name: "It is them, and the letters are the same" }).click();
  return dialog;
}

test("what is no request is told apart", async () => {
  await contacts.bob.getByRole("button", { name: "Somebody asks me for my share" }).click();
  const dialog = contacts.bob.getByRole("dialog");
  await accessible(contacts.bob, "helping somebody back");
  await dialog.getByLabel("Their request").fill("please");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.locator(".field .error").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
});

test("whoever still has a device is told, and refuses", async () => {
  const asked = await ask("mallory");
  const later = await answer("bob", asked, "a contact compares");
  await later.getByText("are told, and may object.").waitFor();
  await later.getByRole("button", { name: "Close" }).last().click();

  const alice = await world.page(world.alice);
  await alice.locator(".alerts .banner", { hasText: "asked bob for the share of your recovery key" }).getByRole("link", { name: "Recovery" }).click();
  const alarm = alice.getByRole("alert").filter({ hasText: "If that was not you, refuse it now." });
  await presentable(alice, "somebody asked a recovery contact");
  await alarm.getByRole("button", { name: "It was not me" }).click();
  await alarm.waitFor({ state: "hidden" });
  await alice.context().close();

  await eventually("bob hears of it", async () => (await world.bob.call("account.notices")).notices?.some(({ detail }) => detail.includes("refused a recovery request")));
  const refused = await answer("bob", asked);
  await refused.locator(".banner.bad").waitFor();
  await refused.getByRole("button", { name: "Something is wrong" }).click();
});

test("two contacts who talked to her give the account back", async () => {
  await world.alice.stop();
  const asked = await ask("alice-again");
  const shares = [];
  for (const name of ["bob", "carol"]) {
    let dialog = await answer(name, asked);
    await dialog.getByText("are told, and may object.").waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await eventually("the delay is over", async () => ((await world[name].call("recovery.release", { request: asked.request })).share ?? "") !== "");
    dialog = await answer(name, asked);
    shares.push(await dialog.getByLabel("The share").inputValue());
    if (name === "bob") await presentable(contacts.bob, "a contact gives the share");
    await dialog.getByRole("button", { name: "Close" }).last().click();
  }
  const { page } = asked;
  const recover = page.getByRole("button", { name: "Recover", exact: true });
  assert.equal(await recover.isDisabled(), true);
  await page.getByLabel("What they gave you").fill(shares[0]);
  await page.getByText("1 share is there.").waitFor();
  await recover.click();
  await page.locator(".banner.bad").waitFor();
  await page.getByLabel("What they gave you").fill(`${shares[0]}\nand the other one:\n${shares[1]}`);
  await page.getByText("2 shares are there.").waitFor();
  await presentable(page, "shares of two contacts");
  await recover.click();
  await page.locator(".me-name", { hasText: "alice" }).waitFor();
  await open(page, "bob");
  await say(page, "I am back");
});
