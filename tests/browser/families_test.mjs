// A guardian and a child, each with a browser: accepting, what holds, asking, hours, pictures, the end.
import assert from "node:assert/strict";
import { after } from "node:test";
import { before, bubble, eventually, open, presentable, say, test, visit, World } from "./support.mjs";

let world;
let mum;
let kid;

before(async () => {
  world = await World.make("mum", "kid", "friend");
  for (const name of ["mum", "kid", "friend"]) await world[name].call("requests.set_rule", { from: "OPEN" });
  mum = await world.page(world.mum, { hash: "#/settings/family" });
  kid = await world.page(world.kid);
});
after(() => world.close());

test("a guardian is accepted on the child's device, after both looked at the same signs", async () => {
  await mum.getByRole("heading", { name: "Look after a child" }).waitFor();
  await presentable(mum, "no family yet");
  await mum.getByLabel("The child").fill("nobody");
  await mum.getByRole("button", { name: "Offer" }).click();
  await mum.locator(".field .error").waitFor();
  await mum.getByLabel("The child").fill("kid");
  await mum.getByRole("button", { name: "Offer" }).click();
  const shown = (await mum.getByTestId("own-fingerprint").textContent()).trim();
  assert.match(shown, /^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
  await presentable(mum, "offered");

  await kid.locator(".requests-entry", { hasText: "Somebody offers to be your guardian" }).click();
  await kid.getByRole("button", { name: "Compare and accept" }).click();
  assert.equal((await kid.getByTestId("guardian-fingerprint").textContent()).trim(), shown);
  await presentable(kid, "accepting a guardian");
  await kid.getByRole("button", { name: "They are the same: accept" }).click();
  await kid.getByRole("heading", { name: /mum.* is your guardian/ }).waitFor();
  await mum.getByText("May write with 0 people besides you").waitFor();
});

test("the child sees who it is, with which devices, and what holds", async () => {
  await kid.getByText("Their 1 device").click();
  await kid.locator(".more-fields .plain-list li").waitFor();
  await kid.getByText("You may write at any hour").waitFor();
  await presentable(kid, "a child");
  await visit(kid, "#/settings/privacy");
  await kid.getByText("is your guardian and decides").waitFor();
});

test("with whom it may not write yet the child asks for, and the guardian allows", async () => {
  await open(kid, "friend");
  const closed = kid.locator(".banner", { hasText: "nothing you write here is sent" });
  await closed.waitFor();
  await kid.locator(".composer textarea").fill("hi");
  await kid.keyboard.press("Enter");
  await kid.locator(".composer .error", { hasText: "has not allowed" }).waitFor();
  await presentable(kid, "not allowed yet");
  await kid.locator(".composer textarea").fill("");
  await closed.getByRole("button", { name: "Ask" }).click();
  await kid.getByLabel("A line to them").fill("from school");
  await presentable(kid, "asking");
  await kid.getByRole("dialog").getByRole("button", { name: "Ask" }).click();

  await mum.locator(".question", { hasText: "from school" }).waitFor();
  await presentable(mum, "a child asks");
  await mum.getByRole("button", { name: "Allow", exact: true }).click();
  await mum.locator(".members li", { hasText: "friend" }).waitFor();
  await closed.waitFor({ state: "detached" });
  await say(kid, "now I may");
  await eventually("the friend has it", async () => (await world.friend.texts("kid")).includes("now I may"));
});

test("hours and pictures are laid down, and the child sees them at once", async () => {
  await mum.getByRole("switch", { name: "Only at certain hours" }).check();
  await mum.getByRole("group", { name: "Hours, line 2" }).waitFor();
  await mum.getByRole("button", { name: "Remove line 2" }).click();
  const line = mum.getByRole("group", { name: "Hours, line 1" });
  // A minute of the week that is not now, whatever the day is.
  const day = String((new Date().getDay() + 2) % 7);
  await line.getByLabel("From day").selectOption(day);
  await line.getByLabel("To day").selectOption(day);
  await line.getByLabel("From", { exact: true }).fill("10:00");
  await line.getByLabel("Until", { exact: true }).fill("09:00");
  await mum.getByText("A line ends before it begins").waitFor();
  await line.getByLabel("Until", { exact: true }).fill("10:01");
  await presentable(mum, "hours");
  await mum.getByRole("button", { name: "Set these hours" }).click();
  await mum.getByRole("button", { name: "Set these hours" }).waitFor({ state: "detached" });
  await mum.getByLabel("Cover").selectOption("all");
  await kid.locator(".banner", { hasText: "You may not write with" }).waitFor();
  await visit(kid, "#/settings/family");
  await kid.getByText("You may not write now").waitFor();
  await kid.getByText("10:00–10:01").waitFor();
  await kid.getByText("are covered until you want to see one").waitFor();
  await presentable(kid, "what holds");
  await mum.getByRole("switch", { name: "Only at certain hours" }).click();
  await kid.getByText("You may write at any hour").waitFor();
  await presentable(mum, "a guardian");
});

test("everybody reads what to look out for, and only the guardian ends it", async () => {
  const card = kid.locator(".cards summary").first();
  await card.click();
  await kid.locator(".cards details[open] p").first().waitFor();
  assert.equal(await kid.getByRole("button", { name: "End guardianship" }).count(), 0);
  await mum.getByRole("button", { name: /No longer allow .*friend/ }).click();
  await mum.getByText("May write with 0 people besides you").waitFor();
  await mum.getByRole("button", { name: "End guardianship" }).click();
  await mum.getByRole("dialog").getByRole("button", { name: "End guardianship" }).click();
  await kid.getByRole("heading", { name: "Look after a child" }).waitFor();
  await open(kid, "friend");
  await say(kid, "nobody decides any more");
  await bubble(kid, "nobody decides any more").waitFor();
});

test("an offer is taken back", async () => {
  await mum.getByLabel("The child").fill("kid");
  await mum.getByRole("button", { name: "Offer" }).click();
  await kid.locator(".requests-entry", { hasText: "Somebody offers to be your guardian" }).waitFor();
  await mum.getByRole("button", { name: "Withdraw the offer" }).click();
  await mum.getByRole("dialog").getByRole("button", { name: "Withdraw the offer" }).click();
  await kid.locator(".requests-entry").waitFor({ state: "detached" });
  await mum.getByTestId("own-fingerprint").waitFor({ state: "detached" });
});
