// Takes the pictures of the README from real programs: node tests/browser/pictures.mjs docs/pictures
import fs from "node:fs";
import path from "node:path";
import { bubble, eventually, open, World } from "./support.mjs";

const out = process.argv[2];
if (out === undefined) {
  console.error("usage: node tests/browser/pictures.mjs FOLDER");
  process.exit(2);
}
fs.mkdirSync(out, { recursive: true });
const world = await World.make("maja", "ines", "jonas", "lovisa");
const { maja, ines, jonas, lovisa } = world;
const send = (person, conversation, text, more = {}) => person.call("messages.send", { conversation, ...(text !== "" && { text }), ...more });
const take = (page, name) => page.screenshot({ path: path.join(out, `${name}.png`) });

try {
  for (const [a, b] of [["maja", "ines"], ["maja", "jonas"], ["maja", "lovisa"]]) await world[a].call("conversations.open", { conversation: b });
  await send(maja, "jonas", "Did you find the scans from the harbour?");
  await eventually("jonas knows maja", async () => (await jonas.texts("maja")).length > 0);
  await send(jonas, "maja", "I did! The crane from 1931 is in there, too");
  await send(jonas, "maja", "It is my favourite of all of them");
  await send(maja, "lovisa", "Two seats on Thursday, row F 🎻");
  await send(maja, "ines", "Is it *Saturday* or Sunday?", { markup: true });
  const group = `#${(await maja.call("groups.create", { name: "Allotment 14", people: ["ines", "jonas", "lovisa"] })).group}`;
  await send(maja, group, "Good morning, gardeners 🌱");
  for (const each of [ines, lovisa]) await eventually("the group is accepted", () => each.call("requests.accept", { conversation: group }));
  await eventually("the group is known", async () => {
    for (const each of [ines, jonas, lovisa]) if ((await each.texts(group)).length === 0) return false;
    return true;
  });
  const water = await send(ines, group, "The water is on again from Saturday");
  await eventually("the water is known", async () => (await lovisa.texts(group)).some((text) => text.startsWith("The water")));
  await send(lovisa, group, "Finally!", { reply_to: water.message_id });
  await send(ines, group, "", { poll: { question: "When do we dig?", options: ["Saturday morning", "Saturday afternoon", "Sunday"], multiple: true } });
  await eventually("the poll is there", async () => (await maja.call("conversations.history", { conversation: group })).messages.some((each) => each.kind === "POLL"));
  for (const [person, options] of [[maja, [0]], [jonas, [0, 2]], [lovisa, [1]]]) {
    const poll = await eventually("the poll is there", async () => (await person.call("conversations.history", { conversation: group })).messages.find((each) => each.kind === "POLL"));
    await person.call("messages.vote", { conversation: group, message_id: poll.message_id, options });
  }
  await maja.call("messages.react", { conversation: group, message_id: water.message_id, emoji: "🎉" });
  await send(jonas, group, "On my way with the wheelbarrow");

  const size = { width: 1240, height: 780 };
  const page = await world.page(maja, size);
  await open(page, group);
  await bubble(page, "wheelbarrow").waitFor();
  await page.waitForTimeout(1500);
  await take(page, "group");

  const dark = await world.page(maja, { ...size, colorScheme: "dark", hash: "#/c/jonas/details" });
  await bubble(dark, "favourite").waitFor();
  await dark.waitForTimeout(800);
  await take(dark, "details-dark");

  const verify = await world.page(maja, { ...size, hash: "#/c/ines/details" });
  await verify.getByRole("button", { name: "Verify" }).click();
  await verify.locator("svg.qr").waitFor();
  await verify.waitForTimeout(400);
  await take(verify, "verify");

  const narrow = await world.page(maja, { width: 390, height: 780, hash: `#/c/${encodeURIComponent(group)}` });
  await bubble(narrow, "wheelbarrow").waitFor();
  await narrow.waitForTimeout(600);
  await take(narrow, "narrow");

  const fresh = await world.person("fresh");
  const first = await world.page(fresh, { width: 820, height: 620 });
  await first.getByRole("heading", { name: "Welcome to Sotto" }).waitFor();
  await first.waitForTimeout(300);
  await take(first, "first-run");
} finally {
  await world.close();
}
