import assert from "node:assert/strict";
import test from "node:test";
import { en } from "../src/i18n/en";
import { fill } from "../src/i18n/fill";
import { sv } from "../src/i18n/sv";

test("both catalogues have all keys", () => {
  assert.deepEqual(Object.keys(sv).sort(), Object.keys(en).sort());
});

test("both put the same things into each sentence", () => {
  const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();
  for (const key of Object.keys(en) as (keyof typeof en)[]) {
    assert.deepEqual(holes(sv[key]), holes(en[key]), key);
    assert.notEqual(sv[key].trim(), "", key);
  }
});

test("forms of number come in pairs", () => {
  for (const key of Object.keys(en)) {
    if (key.endsWith(".one")) assert.ok(Object.hasOwn(en, key.replace(/\.one$/, ".other")), key);
  }
});

test("a name cannot turn the sentence that it is put into", () => {
  assert.equal(fill("Reply to {name}", { name: "\u202eevil" }), "Reply to \u2068evil\u2069");
  assert.equal(fill("{count} of {unknown}", { count: 2 }), "2 of {unknown}");
});
