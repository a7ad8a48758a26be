import assert from "node:assert/strict";
import test from "node:test";
import type { EventRecord } from "../src/api/types";
import { App, ordered, stageOf } from "../src/state/app";
import { parseRoute, routeText } from "../src/state/route";
import { CallError, describe, type Transport } from "../src/transport/transport";
import { conversationName, dayName, dayNumber, initials, listTime, phoneNumber } from "../src/text/format";

test("the profile's state decides which screen is shown", () => {
  assert.equal(stageOf({ stage: "NO_PROFILE" }), "no_profile");
  assert.equal(stageOf({ stage: "LOCKED" }), "locked");
  assert.equal(stageOf({ stage: "OPEN" }), "unregistered");
  assert.equal(stageOf({ stage: "OPEN", status: { stage: "WAITING_FOR_LINK" } }), "unregistered");
  assert.equal(stageOf({ stage: "OPEN", status: { stage: "READY" } }), "ready");
  assert.equal(stageOf({ stage: "OPEN", status: { stage: "RETIRED" } }), "ended");
});

test("pinned conversations come first, then the newest", () => {
  const list = new Map([
    ["old", { conversation: "old", newest: { sent_ms: "10" } }],
    ["pinned", { conversation: "pinned", newest: { sent_ms: "5" }, settings: { pinned: true } }],
    ["new", { conversation: "new", newest: { sent_ms: "20" } }],
  ]);
  assert.deepEqual(ordered(list), ["pinned", "new", "old"]);
});

test("every place in the interface has an address that leads back to it", () => {
  for (const route of [
    { page: "list" },
    { page: "conversation", conversation: "sms:+46701112233" },
    { page: "conversation", conversation: "a/b?c", details: true },
    { page: "conversation", conversation: "bob", message: "abc" },
    { page: "settings", section: "devices" },
    { page: "search" },
    { page: "requests" },
    { page: "scheduled" },
  ] as const) {
    assert.deepEqual(parseRoute(routeText(route)), route);
  }
  assert.equal(parseRoute("#/nonsense/%zz").page, "list");
});

test("names and times are short and harmless", () => {
  assert.equal(conversationName({ kind: "SMS", conversation: "sms:+46701112233" }, "Notes"), "+46701112233");
  assert.equal(conversationName({ kind: "GROUP", title: "Friends\u202e", conversation: "ab" }, "Notes"), "Friends");
  assert.equal(conversationName({ kind: "NOTES", conversation: "ab" }, "Notes"), "Notes");
  assert.equal(conversationName({ contact: { account: "ab".repeat(16) }, conversation: "x" }, "Notes"), "abab abab…");
  assert.equal(initials("Ines Maria Falk"), "IF");
  assert.equal(initials("<script>"), "S");
  assert.equal(phoneNumber("+46 (70) 111-22 33"), "+46701112233");
  for (const other of ["0701112233", "bob", "+", "+0123456789", "+4670111223344556", "alice@example.org"]) assert.equal(phoneNumber(other), undefined);
  const noon = new Date(2026, 5, 10, 12).getTime();
  assert.equal(dayNumber(noon) - dayNumber(noon - 86_400_000), 1);
  assert.equal(dayName(noon, noon, "en-GB", "Today", "Yesterday"), "Today");
  assert.equal(listTime(noon - 86_400_000, noon, "en-GB", "Yesterday"), "Yesterday");
});

test("whose name is known only after they offered to be the guardian is shown by it", async () => {
  let name = "ab".repeat(16);
  let tell: (record: EventRecord) => void = () => undefined;
  const transport = {
    call: async (method: string) => (method === "families.list" ? { families: [{ role: "GUARDIAN", account: "ab".repeat(16), name }] } : {}),
    onEvent: (handler: typeof tell) => {
      tell = handler;
      return () => undefined;
    },
    onLink: () => () => undefined,
  };
  const app = new App(transport as unknown as Transport);
  await app.readFamilies();
  name = "mum";
  tell({ event: { contact: { account: "cd".repeat(16), handle: "other" } } });
  await new Promise(setImmediate);
  assert.equal(app.state.get().families[0]?.name, "ab".repeat(16), "that was somebody else");
  tell({ event: { contact: { account: "ab".repeat(16), handle: "mum" } } });
  await new Promise(setImmediate);
  assert.equal(app.state.get().families[0]?.name, "mum");
});

test("what is said of commands is not for whoever looks at a page", () => {
  const refused = new CallError("refused", "your guardian has not allowed you to write with them; `sotto family ask USER` asks for it");
  assert.equal(describe(refused), "your guardian has not allowed you to write with them");
  assert.equal(describe(new CallError("x", "run `sotto register` first")), "run `sotto register` first", "which is better than nothing");
  assert.equal(describe("cut"), "cut");
});
