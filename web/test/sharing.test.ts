import assert from "node:assert/strict";
import test from "node:test";
import type { AttachedFile, Message } from "../src/api/types";
import { en } from "../src/i18n/en";
import { fill } from "../src/i18n/fill";
import type { Words } from "../src/i18n";
import { isElsewhere, isShown, photosOf, withFile, withGroup } from "../src/state/photos";
import { summary } from "../src/text/summary";
import { isForwardable } from "../src/timeline/actions";
import { cut } from "../src/ui/picture";

const words: Pick<Words, "t" | "n"> = { t: (key, values) => fill(en[key], values), n: (key) => key };
const photo = (more: Partial<AttachedFile> = {}): AttachedFile => ({ message_id: "line", conversation: "#ab", state: "REMOTE", ...more });

test("what is passed on is what the client passes on", () => {
  const said: Message = { kind: "TEXT", body: "hello" };
  assert.equal(isForwardable(said), true);
  for (const kind of ["LOCATION", "STICKER", "VOICE_NOTE", "CONTACT_CARD"] as const) assert.equal(isForwardable({ ...said, kind }), true, kind);
  for (const kind of ["POLL", "TIMER", "UNKNOWN", "KIND_UNSPECIFIED"] as const) assert.equal(isForwardable({ ...said, kind }), false, kind);
  assert.equal(isForwardable({ ...said, unsent: true }), false);
  assert.equal(isForwardable({ ...said, expires_ms: "1" }), false);
  assert.equal(isForwardable({ ...said, request: true }), false);
});

test("a group's photo is known while the group has it and this account is in the group", () => {
  const photos = photosOf([{ group: "ab", member: true, photo: photo() }, { group: "cd", member: true }, { group: "ef", photo: photo() }]);
  assert.deepEqual([...photos.keys()], ["#ab"]);
  assert.equal(withGroup(photos, { group: "cd", member: true }), photos, "nothing changed");
  assert.equal(withGroup(photos, { group: "ab", member: true, photo: photo() }), photos);
  assert.equal(withGroup(photos, { group: "ab", member: true, photo: photo({ message_id: "newer" }) }).get("#ab")?.message_id, "newer");
  assert.equal(withGroup(photos, { group: "ab", member: true }).size, 0);
});

test("a photo that comes, and is looked at, is shown; another file of the group is none", () => {
  const photos = photosOf([{ group: "ab", member: true, photo: photo() }]);
  const here = withFile(photos, photo({ state: "HERE", media: "UNCHECKED" }));
  assert.equal(isShown(here.get("#ab") ?? {}), false);
  const clean = withFile(here, photo({ state: "HERE", media: "CLEAN" }));
  assert.equal(isShown(clean.get("#ab") ?? {}), true);
  for (const other of [photo({ message_id: "other" }), photo({ conversation: "#cd" }), photo({ position: 1 }), photo({ state: "HERE", media: "CLEAN" })]) assert.equal(withFile(clean, other), clean);
});

test("a photo is never shown that the sandbox refused or that somebody wants covered", () => {
  for (const media of ["HIDDEN", "QUARANTINED", "SUSPECT", "REFUSED", "NOT_A_PICTURE", "UNCHECKED"] as const) assert.equal(isShown(photo({ state: "HERE", media })), false, media);
  assert.equal(isShown(photo({ state: "HERE" })), true, "the own one");
  assert.equal(isShown(photo({ state: "DOWNLOADING" })), false);
  assert.deepEqual([photo(), photo({ state: "FAILED" }), photo({ state: "HERE" }), undefined].map(isElsewhere), [true, true, false, false]);
});

test("a picture is made smaller, never larger, and a photo is its middle", () => {
  assert.deepEqual(cut(4000, 3000, { edge: 500, square: false }), { x: 0, y: 0, width: 4000, height: 3000, wide: 500, high: 375 });
  assert.deepEqual(cut(4000, 3000, { edge: 500, square: true }), { x: 500, y: 0, width: 3000, height: 3000, wide: 500, high: 500 });
  assert.deepEqual(cut(100, 40, { edge: 500, square: false }), { x: 0, y: 0, width: 100, height: 40, wide: 100, high: 40 });
  assert.equal(cut(9000, 1, { edge: 500, square: false }).high, 1);
});

test("a voice message says how long it is", () => {
  assert.equal(summary({ kind: "VOICE_NOTE", voice_note: { duration_ms: 67_400 } }, words), "Voice message, \u20681:07\u2069");
  assert.equal(summary({ kind: "VOICE_NOTE" }, words), "Voice message");
});
