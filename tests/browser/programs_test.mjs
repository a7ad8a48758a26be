// Programs of others: an app that sees what is addressed to it, a webhook that is told of everything.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import http from "node:http";
import { after } from "node:test";
import { accept, before, bubble, eventually, open, presentable, say, test, visit, World } from "./support.mjs";

let world;
let alice;
let bob;
let token;
let user;

before(async () => {
  world = await World.make("alice", "bob");
  [alice, bob] = [await world.page(world.alice), await world.page(world.bob)];
  await open(alice, "bob");
  await say(alice, "Hello Bob");
  await accept(bob, "alice");
  await visit(alice, "#/settings/programs");
});
after(() => world.close());

async function asApp(method, params = {}, key = token) {
  const response = await fetch(`${world.alice.origin}/v1/rpc`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return response.status === 200 ? (await response.json()).result : response.status;
}

async function connect() {
  await alice.getByRole("button", { name: "Connect an app" }).click();
  const dialog = alice.getByRole("dialog", { name: "Connect an app" });
  await dialog.getByLabel("Name").fill("calc");
  await dialog.getByRole("button", { name: "Connect" }).click();
  const secret = (await dialog.getByTestId("secret").textContent()).trim();
  assert.match(secret, /^sotto-app-[0-9a-f]{64}$/);
  await presentable(alice, "token of an app");
  await dialog.getByRole("button", { name: "I have it" }).click();
  return secret;
}

test("an app is connected; its token is shown once", async () => {
  await alice.getByText("None is connected.").waitFor();
  await presentable(alice, "no programs");
  await alice.getByRole("button", { name: "Connect an app" }).click();
  await alice.getByRole("dialog").getByLabel("Name").fill("Ca!c");
  await alice.getByText("Lower-case letters, digits").waitFor();
  await presentable(alice, "connecting an app");
  await alice.keyboard.press("Escape");
  token = await connect();
  await alice.locator(".program", { hasText: "/calc" }).waitFor();
  assert.equal(await alice.getByText(token).count(), 0);
  user = (await asApp("app.about")).user;
  assert.equal((await asApp("app.about")).may_send ?? false, false);
});

test("it answers its user, and others where it may", async () => {
  const app = alice.locator(".program", { hasText: "/calc" });
  await app.getByRole("switch", { name: "Answers where it was asked" }).click();
  await app.getByLabel(/^A conversation in which others may ask/).selectOption("bob");
  await app.locator(".chip", { hasText: "bob" }).waitFor();
  await presentable(alice, "an app");
  await say(bob, "/calc 6*7");
  const asked = await eventually("the app is asked", async () => (await asApp("app.read")).messages?.[0]);
  assert.equal(asked.text, "6*7");
  assert.notEqual(asked.sender, user);
  await asApp("app.answer", { message_id: asked.message_id, text: "42" });
  await asApp("app.acknowledge", { sequence: asked.sequence });
  await bubble(bob, "42").getByText("via").waitFor();
  await presentable(bob, "an answer of an app");
});

test("removed it is nobody, and connected again it knows nobody", async () => {
  await alice.getByRole("button", { name: /^Remove .*calc/ }).click();
  await presentable(alice, "removing an app");
  await alice.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await alice.getByText("None is connected.").waitFor();
  assert.equal(await asApp("app.about"), 401);
  const old = token;
  token = await connect();
  assert.notEqual(token, old);
  assert.notEqual((await asApp("app.about")).user, user, "the user has another id to it now");
});

test("a webhook is told of what happens, signed with the secret that was shown once", async () => {
  const told = [];
  let status = 500;
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (some) => (body += some));
    request.on("end", () => {
      if (status === 204) told.push({ body, signature: request.headers["sotto-signature"] });
      response.writeHead(status).end();
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await alice.getByRole("button", { name: "Add a webhook" }).click();
    const dialog = alice.getByRole("dialog", { name: "Add a webhook" });
    await dialog.getByLabel("Name").fill("lamp");
    await dialog.getByLabel("Address").fill("http://example.org/told");
    await dialog.getByRole("button", { name: "Connect" }).click();
    await dialog.locator(".banner.bad").waitFor();
    await dialog.getByLabel("Address").fill(`http://127.0.0.1:${server.address().port}/told`);
    await presentable(alice, "adding a webhook");
    await dialog.getByRole("button", { name: "Connect" }).click();
    const secret = (await dialog.getByTestId("secret").textContent()).trim();
    await dialog.getByRole("button", { name: "I have it" }).click();
    await alice.locator(".plain-list", { hasText: "lamp" }).waitFor();
    await say(bob, "is the lamp on?");
    await eventually("a failure is told", async () => {
      await visit(alice, "#/settings/about");
      await alice.locator(".settings-page .facts").waitFor();
      await visit(alice, "#/settings/programs");
      await alice.locator(".standing").waitFor();
      return (await alice.locator(".standing.bad").count()) === 1;
    });
    await presentable(alice, "a webhook that fails");
    status = 204;
    const page = await eventually("it is told", async () => told.find((each) => each.body.includes("is the lamp on?")));
    assert.equal(page.signature, `sha256=${createHmac("sha256", Buffer.from(secret, "hex")).update(page.body).digest("hex")}`);
    await alice.getByRole("button", { name: /^Remove .*lamp/ }).click();
    await alice.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await alice.getByText("There are none.").waitFor();
  } finally {
    server.close();
  }
});
