// Files with messages: into the composer, through the agents, out of the sandbox.
import assert from "node:assert/strict";
import { after } from "node:test";
import { accept, accessible, before, bubble, eventually, open, png, say, test, World } from "./support.mjs";

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
  // Files are fetched by themselves from people that one wrote to.
  await say(bob, "Hello Alice");
  await bubble(alice, "Hello Alice").waitFor();
});
after(() => world.close());

test("files go by button, by paste and by drag, and pictures come out of the sandbox", async () => {
  await alice.locator(".composer input[type=file]").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("the notes") });
  await alice.locator(".pending", { hasText: "notes.txt" }).waitFor();
  await alice.evaluate((octets) => {
    const file = (name) => new File([Uint8Array.from(octets)], name, { type: "image/png" });
    const pasted = new DataTransfer();
    pasted.items.add(file("pasted.png"));
    document.querySelector(".composer textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: pasted, bubbles: true, cancelable: true }));
    const dropped = new DataTransfer();
    dropped.items.add(file("dropped.png"));
    document.querySelector(".pane").dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
  }, [...png(120, 80)]);
  await alice.locator(".pending li").nth(2).waitFor();
  await eventually("uploads end", async () => (await alice.locator(".pending progress").count()) === 0);
  await say(alice, "three files");
  const arrived = bubble(bob, "three files");
  await arrived.locator(".file", { hasText: "notes.txt" }).waitFor();
  await arrived.locator(".picture img").nth(1).waitFor();
  await eventually("pictures are decoded", () => arrived.locator(".picture img").evaluateAll((images) => images.length === 2 && images.every((image) => image.naturalWidth > 0)));
  const fetch = arrived.getByRole("button", { name: /Fetch .*notes.txt/ });
  if (await fetch.count()) await fetch.click();
  const [download] = await Promise.all([bob.waitForEvent("download"), arrived.getByRole("button", { name: /Save .*notes.txt/ }).click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), "the notes");
  await accessible(bob, "files");
});
