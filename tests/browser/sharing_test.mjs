// What people pass to each other: messages said anew elsewhere, photos of groups, stickers, voices, previews of links.
import assert from "node:assert/strict";
import fs from "node:fs";
import https from "node:https";
import path from "node:path";
import { after } from "node:test";
import { accessible, act, before, bubble, eventually, open, png, presentable, say, test, World } from "./support.mjs";

/** Pages over HTTPS on this machine, under a server's certificate for localhost; remembers what was asked for. */
class Website {
  asked = [];

  async start(folder) {
    const read = (name) => fs.readFileSync(path.join(folder, name));
    this.server = https.createServer({ cert: read("certificate.pem"), key: read("private_key.pem") }, (request, response) => {
      this.asked.push(request.url);
      const picture = request.url === "/crane.png";
      response.writeHead(200, { "Content-Type": picture ? "image/png" : "text/html" });
      response.end(picture ? png(400, 300) : "<title>The crane of 1931</title><meta name=description content='Eleven photographs of the harbour.'><meta property=og:image content=/crane.png>");
    });
    await new Promise((listening) => this.server.listen(0, "127.0.0.1", listening));
    this.address = `https://localhost:${this.server.address().port}/harbour`;
  }

  stop() {
    this.server?.closeAllConnections();
    return new Promise((closed) => (this.server === undefined ? closed() : this.server.close(closed)));
  }
}

const site = new Website();
let world;
let alice;
let bob;

before(async () => {
  const made = new World();
  // What the agents trust, as a machine trusts its authorities.
  process.env.SSL_CERT_FILE = path.join(made.folder, "server", "certificate.pem");
  world = await World.fill(made, ["alice", "bob", "carol"]);
  await site.start(world.server.folder);
  for (const name of ["bob", "carol"]) {
    await world.alice.call("conversations.open", { conversation: name });
    await world.alice.call("messages.send", { conversation: name, text: `Hello ${name}` });
    await eventually(`${name} accepts`, () => world[name].call("requests.accept", { conversation: "alice" }));
    // Files are fetched by themselves from people that one wrote to.
    await world[name].call("messages.send", { conversation: "alice", text: `Hello, it is ${name}` });
    await eventually(`alice hears ${name}`, async () => (await world.alice.texts(name)).length === 2);
  }
  alice = await world.page(world.alice);
  bob = await world.page(world.bob);
  await open(alice, "bob");
  await open(bob, "alice");
});
after(async () => {
  await world?.close();
  await site.stop();
});

const last = async (person, conversation) => (await person.call("conversations.history", { conversation })).messages.at(-1);

test("a message is said anew in another conversation, marked, and without who said it", async () => {
  await say(bob, "The key is under the third pot");
  await bubble(alice, "third pot").waitFor();
  await act(alice, "third pot", "Forward");
  const dialog = alice.getByRole("dialog", { name: "Forward to" });
  await dialog.locator(".forward-what", { hasText: "third pot" }).waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Forward", exact: true }).isDisabled(), true, "nobody is chosen yet");
  await dialog.getByRole("radio", { name: "carol" }).check();
  await presentable(alice, "forwarding");
  await dialog.getByRole("button", { name: "Forward", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  const got = await eventually("carol has it", async () => {
    const newest = await last(world.carol, "alice");
    return newest.body?.includes("third pot") && newest;
  });
  assert.equal(got.forwarded, true);
  assert.ok(!JSON.stringify(got).includes("bob"));
  await open(alice, "carol");
  await bubble(alice, "third pot").locator(".forwarded", { hasText: "Forwarded" }).waitFor();
  await presentable(alice, "a forwarded message");
  assert.match(await bubble(alice, "third pot").getAttribute("aria-label"), /You, .*third pot, .*Forwarded/);
  await open(alice, "bob");
});

test("and by keyboard alone; what disappears is not offered", async () => {
  await bubble(alice, "third pot").focus();
  await alice.keyboard.press("f");
  const dialog = alice.getByRole("dialog", { name: "Forward to" });
  await eventually("what finds a conversation has the focus", () => dialog.getByRole("searchbox").evaluate((element) => element === document.activeElement));
  await alice.keyboard.type("carol");
  await alice.keyboard.press("ArrowDown");
  await alice.keyboard.press("Space");
  await alice.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await eventually("carol has it twice", async () => (await world.carol.texts("alice")).filter((text) => text.includes("third pot")).length === 2);
  await world.bob.call("messages.send", { conversation: "alice", text: "gone soon", expires_in_s: "600" });
  await bubble(alice, "gone soon").focus();
  await alice.keyboard.press("Enter");
  await alice.getByRole("menuitem", { name: "Reply" }).waitFor();
  assert.equal(await alice.getByRole("menuitem", { name: "Forward" }).count(), 0);
  await alice.keyboard.press("Escape");
});

test("an admin gives the group a photo, which all see as its sign, and takes it away", async () => {
  const group = `#${(await world.alice.call("groups.create", { name: "Allotment", people: ["bob"] })).group}`;
  await eventually("bob is in", async () => ((await world.bob.call("groups.list")).groups ?? []).some((each) => each.member === true));
  await open(alice, group);
  await alice.getByRole("button", { name: "Details" }).click();
  await alice.getByLabel("Choose a photo").setInputFiles({ name: "not-a-picture.png", mimeType: "image/png", buffer: Buffer.from("words") });
  await alice.getByText("cannot read that as a picture").waitFor();
  await alice.getByLabel("Choose a photo").setInputFiles({ name: "allotment.png", mimeType: "image/png", buffer: png(900, 600) });
  const sign = (page, where) => page.locator(`${where} img.avatar`);
  for (const where of [".details-top", ".pane-header", ".conversation.current"]) {
    await sign(alice, where).waitFor();
    await eventually("it is decoded", () => sign(alice, where).evaluate((image) => image.naturalWidth > 0 && image.naturalWidth === image.naturalHeight));
  }
  await presentable(alice, "a group with a photo");
  await open(bob, group);
  await sign(bob, ".pane-header").waitFor();
  await sign(bob, ".conversation.current").waitFor();
  await bob.locator(".system", { hasText: "gave the group a photo" }).waitFor();
  await bob.getByRole("button", { name: "Details" }).click();
  await sign(bob, ".details-top").waitFor();
  assert.equal(await bob.getByLabel("Change the photo").count(), 0, "who is no admin is not offered it");
  await alice.getByRole("button", { name: "Remove the photo" }).click();
  await sign(bob, ".pane-header").waitFor({ state: "detached" });
  await sign(alice, ".details-top").waitFor({ state: "detached" });
  await alice.getByLabel("Choose a photo").waitFor({ state: "attached" });
  for (const page of [alice, bob]) await page.getByRole("button", { name: "Close details" }).click();
  await open(alice, "bob");
  await open(bob, "alice");
});

test("a picture goes as a sticker and stands without a bubble", async () => {
  await alice.getByRole("button", { name: "Add something" }).click();
  await alice.getByRole("menuitem", { name: "Sticker" }).click();
  const dialog = alice.getByRole("dialog", { name: "Sticker" });
  await dialog.getByLabel("Choose a picture").setInputFiles({ name: "cat.png", mimeType: "image/png", buffer: png(1200, 800) });
  await dialog.getByRole("img", { name: "Picture" }).waitFor();
  await dialog.getByRole("button", { name: "🎉" }).click();
  await presentable(alice, "a sticker is made");
  await dialog.getByRole("button", { name: "Send sticker" }).click();
  const sticker = bob.locator(".bubble.alone").last();
  await sticker.locator(".picture img").waitFor();
  await eventually("it is decoded, and made smaller", () => sticker.locator(".picture img").evaluate((image) => image.naturalWidth === 512));
  assert.equal(await sticker.evaluate((element) => getComputedStyle(element).backgroundColor), "rgba(0, 0, 0, 0)");
  assert.match(await sticker.getAttribute("aria-label"), /Sticker .*🎉/);
  await eventually("its sender sees it as well", () => alice.locator(".bubble.alone .picture img").last().evaluate((image) => image.naturalWidth === 512));
  const { sticker: said, files } = await last(world.bob, "alice");
  assert.deepEqual([said.emoji, files[0].name, files[0].mime], ["🎉", "sticker.webp", "image/webp"]);
});

test("a voice is recorded, listened to, thrown away or sent, and heard", async () => {
  const record = async () => {
    await alice.getByRole("button", { name: "Record a voice message" }).click();
    await alice.getByRole("timer").filter({ hasText: /0:0[1-9]/ }).waitFor();
  };
  await record();
  await presentable(alice, "a voice is recorded");
  await alice.getByRole("button", { name: "Throw the recording away" }).click();
  await eventually("the text has the focus again", () => alice.evaluate(() => document.activeElement?.matches(".composer textarea") === true));

  await record();
  await eventually("what ends it has the focus", () => alice.getByRole("button", { name: "Stop recording" }).evaluate((element) => element === document.activeElement));
  await alice.keyboard.press("Enter");
  const made = alice.locator(".composer-voice");
  await made.getByRole("button", { name: "Play" }).click();
  await eventually("it is heard", () => made.locator("audio").evaluate((audio) => audio.currentTime > 0.2));
  await presentable(alice, "a voice was recorded");
  await made.getByRole("button", { name: "Send" }).click();
  await made.waitFor({ state: "detached" });

  const got = await eventually("bob has it", async () => {
    const newest = await last(world.bob, "alice");
    return newest.kind === "VOICE_NOTE" && newest.files?.[0]?.state === "HERE" && newest;
  });
  assert.deepEqual([got.files[0].name, got.files[0].mime], ["voice.ogg", "audio/ogg"]);
  assert.ok(got.voice_note.duration_ms >= 900, `${got.voice_note.duration_ms} ms`);
  const loud = Buffer.from(got.voice_note.waveform, "base64");
  assert.equal(loud.length, 64);
  assert.equal(Math.max(...loud), 255);
  const voice = bob.locator(".bubble", { has: bob.locator(".voice") }).last();
  assert.match(await voice.getAttribute("aria-label"), /Voice message, .*0:0\d/);
  assert.equal(await voice.locator("audio").getAttribute("src"), null, "nothing of it is read before somebody wants to hear it");
  await voice.focus();
  await bob.keyboard.press("Space");
  await eventually("it plays, and says how long it is", () => voice.locator("audio").evaluate((audio, ms) => audio.currentTime > 0 && Math.abs(audio.duration * 1000 - ms) < 150, got.voice_note.duration_ms));
  await eventually("it ends", () => voice.locator("audio").evaluate((audio) => audio.paused));
  await bob.keyboard.press("Tab");
  await bob.keyboard.press("Tab");
  await eventually("its position is next in the order of tabs", () => bob.evaluate(() => document.activeElement?.matches(".voice-track input") === true));
  await bob.keyboard.press("End");
  await eventually("it stands at its end", () => voice.getByRole("slider", { name: "Position" }).evaluate((slider) => Number(slider.value) > 0.9));
  await presentable(bob, "a sticker and a voice");
});

test("without a microphone that is said, and text can be written", async () => {
  const page = await world.page(world.alice, {
    prepare: (made) => made.addInitScript(() => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError")))),
  });
  await open(page, "bob");
  await page.getByRole("button", { name: "Record a voice message" }).click();
  await page.getByRole("alert").filter({ hasText: "no microphone" }).waitFor();
  await accessible(page, "no microphone");
  await page.locator(".composer-voice").getByRole("button", { name: "Close" }).click();
  await page.locator(".composer textarea").waitFor();
});

test("a page is asked for a preview only when its sender says so, and nobody else ever asks", async () => {
  const field = alice.locator(".composer textarea");
  await field.fill(`look: ${site.address}`);
  const offer = alice.getByRole("button", { name: /Add a preview of/ });
  await offer.waitFor();
  await presentable(alice, "a preview is offered");
  assert.deepEqual(site.asked, []);
  await offer.click();
  await alice.locator(".composer-preview").getByRole("alert").getByText("private network").waitFor();
  assert.deepEqual(site.asked, []);
  await alice.getByRole("button", { name: "Ask it all the same" }).click();
  const card = alice.locator(".composer-preview .preview", { hasText: "The crane of 1931" });
  await card.getByText("Eleven photographs").waitFor();
  await eventually("its picture is there", () => card.locator("img").evaluate((image) => image.naturalWidth > 0));
  assert.deepEqual(site.asked, ["/harbour", "/crane.png"]);
  await presentable(alice, "a preview goes along");
  await field.press("Enter");
  const got = bubble(bob, "look:");
  await got.locator(".preview", { hasText: "The crane of 1931" }).getByText("localhost").waitFor();
  await eventually("the sandbox made the picture anew", () => got.locator(".preview img").evaluate((image) => image.naturalWidth > 0));
  await got.locator(".preview").click();
  await bob.getByRole("dialog", { name: "This link is not active" }).waitFor();
  await bob.keyboard.press("Escape");
  await presentable(bob, "a preview came");
  assert.equal(site.asked.length, 2);

  await field.fill(`and again ${site.address}`);
  await alice.getByRole("button", { name: "No preview" }).click();
  await offer.waitFor({ state: "detached" });
  await field.press("Enter");
  await bubble(bob, "and again").waitFor();
  assert.equal(await bubble(bob, "and again").locator(".preview").count(), 0);
  assert.equal(site.asked.length, 2);
});
