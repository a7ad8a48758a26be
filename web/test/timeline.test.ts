import assert from "node:assert/strict";
import test from "node:test";
import type { Message, MessagePage } from "../src/api/types";
import { erase, first, kPage, kWindow, newer, older, rows, type Timeline, upsert } from "../src/state/timeline";

const kTotal = 100_000;

function message(number: number): Message {
  return { message_id: `m${number}`, sent_ms: String(number * 1000), sender: number % 2 ? "alice" : "bob", kind: "TEXT" };
}

function page(start: number, end: number, total = kTotal): MessagePage {
  return {
    messages: Array.from({ length: end - start }, (_, index) => message(start + index)),
    more_before: start > 0,
    more_after: end < total,
    position: String(start),
    total: String(total),
  };
}

function numbers(timeline: Timeline): [number, number] {
  const all = timeline.messages.map((each) => Number(each.message_id?.slice(1)));
  all.forEach((each, index) => assert.equal(each, (all[0] ?? 0) + index, "the window has no hole"));
  return [all[0] ?? -1, all[all.length - 1] ?? -1];
}

test("going back through a long conversation keeps the window small and without holes", () => {
  let timeline = first(page(kTotal - kPage, kTotal));
  for (let at = kTotal - kPage; at > kTotal - 5000; at -= kPage) timeline = older(timeline, page(at - kPage, at));
  assert.equal(timeline.messages.length, kWindow);
  assert.equal(timeline.moreAfter, true);
  assert.equal(timeline.position, numbers(timeline)[0]);
});

test("and forward again to the newest", () => {
  let timeline = first(page(0, kPage, 1000));
  while (timeline.moreAfter) {
    const next = numbers(timeline)[1] + 1;
    timeline = newer(timeline, page(next, Math.min(1000, next + kPage), 1000));
  }
  assert.deepEqual(numbers(timeline), [1000 - kWindow, 999]);
  assert.equal(timeline.position, 1000 - kWindow);
});

test("a page that overlaps what is there adds only what is new", () => {
  const timeline = older(first(page(60, 120)), page(30, 90));
  assert.deepEqual(numbers(timeline), [30, 119]);
});

test("a new message stands at the end when the window is there, and is counted when it is not", () => {
  const there = upsert(first(page(0, 10, 10)), message(10));
  assert.deepEqual(numbers(there), [0, 10]);
  const away = upsert(first(page(0, 10)), message(kTotal));
  assert.deepEqual(numbers(away), [0, 9]);
  assert.equal(away.below, 1);
});

test("a changed message replaces the one that is there and moves nothing", () => {
  const timeline = upsert(first(page(0, 10, 10)), { ...message(4), body: "changed" });
  assert.equal(timeline.messages[4]?.body, "changed");
  assert.equal(timeline.messages.length, 10);
});

test("a late message takes the place of its time", () => {
  const timeline = upsert(first(page(0, 10, 10)), { message_id: "late", sent_ms: "4500" });
  assert.equal(timeline.messages[5]?.message_id, "late");
});

test("a change of a message before the window is not news at its end", () => {
  const timeline = upsert(first(page(500, 560)), { ...message(3), body: "read" });
  assert.equal(timeline.below, 0);
  assert.deepEqual(numbers(timeline), [500, 559]);
});

test("an erased message leaves", () => {
  assert.equal(erase(first(page(0, 10, 10)), "m3").messages.length, 9);
});

test("messages of one sender close in time make a run; days and news make borders", () => {
  const list: Message[] = [
    { message_id: "1", sender: "bob", sent_ms: "0", kind: "TEXT" },
    { message_id: "2", sender: "bob", sent_ms: "60000", kind: "TEXT" },
    { message_id: "3", sender: "bob", sent_ms: "900000", kind: "TEXT" },
    { message_id: "4", sender: "alice", sent_ms: "900001", kind: "TEXT" },
  ];
  const made = rows(list, () => 1, "4");
  assert.deepEqual(made.map((row) => row.firstOfRun), [true, false, true, true]);
  assert.deepEqual(made.map((row) => row.lastOfRun), [false, true, true, true]);
  assert.deepEqual(made.map((row) => row.firstUnread), [false, false, false, true]);
  assert.deepEqual(made.map((row) => row.newDay), [true, false, false, false]);
});
