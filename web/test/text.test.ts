import assert from "node:assert/strict";
import test from "node:test";
import { addressFacts, firstAddress } from "../src/text/link";
import { hasMarkup, linkText, runs, toMarkup, utf16Offsets } from "../src/text/rich";
import { flatten, kMaxMarks, kShownAtFirst, kShownAtMost, oneLine, pieces, shownLength } from "../src/text/safe";

test("a name is one line without anything that turns or hides its letters", () => {
  assert.equal(oneLine("Al\u202eice\n\tB\u0000ob\u200b"), "Alice Bob");
  assert.equal(oneLine(undefined), "");
  assert.equal(oneLine("x".repeat(5000), 10), "xxxxxxxxx…");
});

test("joined emoji stay joined in a name", () => {
  assert.equal(oneLine("👩‍🌾 Ada"), "👩‍🌾 Ada");
});

test("piles of marks are cut, and what languages need is not", () => {
  assert.equal(flatten(`a${"\u0301".repeat(50)}b`), `a${"\u0301".repeat(kMaxMarks)}b`);
  const hebrew = "בְּרֵאשִׁ֖ית";
  assert.equal(flatten(hebrew), hebrew);
});

test("a megabyte of marks is flattened in a moment", () => {
  const began = performance.now();
  assert.ok(flatten(`Z${"\u0301\u0302\u0327".repeat(350_000)}`).length < 10);
  assert.ok(performance.now() - began < 2000);
});

test("controls of direction become pieces of their own", () => {
  assert.deepEqual(
    pieces("a\u202eb\u202c").map((piece) => [piece.text, piece.control]),
    [["a", false], ["\u202e", true], ["b", false], ["\u202c", true]],
  );
  assert.ok(pieces("\u202e".repeat(10_000)).length <= 65);
});

test("long texts are folded, by characters and by lines, and never through a letter", () => {
  assert.equal(shownLength("short", false), 5);
  assert.ok(shownLength("x".repeat(50_000), false) <= kShownAtFirst);
  assert.ok(shownLength("a\n".repeat(400), false) < 60);
  assert.equal(shownLength("x".repeat(200_000), true), kShownAtMost);
  const text = `${"x".repeat(kShownAtFirst - 1)}😀${"y".repeat(4000)}`;
  assert.equal(shownLength(text, false), kShownAtFirst - 1);
});

test("octets of UTF-8 are found in UTF-16", () => {
  const found = utf16Offsets("aé€😀z", [0, 1, 3, 6, 10, 11]);
  assert.deepEqual([...found.values()], [0, 1, 2, 3, 5, 6]);
});

test("spans become runs, and overlapping ones share one", () => {
  const made = runs("one two three", [{ start: 0, length: 7, style: "BOLD" }, { start: 4, length: 9, style: "ITALIC" }]);
  assert.deepEqual(
    made.map((run) => [run.text, [...run.styles].join("+")]),
    [["one ", "BOLD"], ["two", "BOLD+ITALIC"], [" three", "ITALIC"]],
  );
});

test("spans that lie outside of the text, or mean nothing, change nothing", () => {
  const made = runs("abc", [{ start: 900, length: 4, style: "BOLD" }, { start: 1, length: 0, style: "BOLD" }, { start: 0, length: 2 }]);
  assert.deepEqual(made.map((run) => [run.text, run.styles.size]), [["abc", 0]]);
});

test("a link is the part of its body that the record names, across styles and letters of several octets", () => {
  const body = "så https://a.example/x ok";
  const link = { start: 4, length: 19, host: "a.example", inert: true };
  const made = runs(body, [{ start: 4, length: 5, style: "BOLD" }], [link]);
  assert.deepEqual(
    made.map((run) => [run.text, run.link?.host]),
    [["så ", undefined], ["https", "a.example"], ["://a.example/x", "a.example"], [" ok", undefined]],
  );
  assert.equal(linkText(body, link), "https://a.example/x");
});

test("what looks like an address and is not named as a link is words", () => {
  assert.deepEqual(runs("https://a.example/").map((run) => run.link), [undefined]);
  assert.deepEqual(runs("short", [], [{ start: 900, length: 40, host: "a.example" }]).map((run) => [run.text, run.link]), [["short", undefined]]);
});

test("an address says its host as the network has it, whether it is encrypted, and an odd port", () => {
  assert.deepEqual(addressFacts("https://xn--pple-43d.com/x"), { ascii: "xn--pple-43d.com", warnings: [] });
  assert.deepEqual(addressFacts("http://user@10.0.0.1:8080/")?.warnings, ["plain_http", "port"]);
  assert.equal(addressFacts("javascript:alert(1)"), undefined);
});

test("markup is sent only where its author can have meant it, and comes back for editing", () => {
  assert.equal(hasMarkup("2*3*4 and snake_case_name"), false);
  assert.equal(hasMarkup("this is *important*"), true);
  assert.equal(toMarkup("a bold *x", [{ start: 2, length: 4, style: "BOLD" }]), "a *bold* \\*x");
  assert.equal(toMarkup("plain * text"), "plain * text");
});

test("the address that a preview may be asked of ends where the client says that the link ends", () => {
  assert.equal(firstAddress("see https://example.org/a?b=c."), "https://example.org/a?b=c");
  assert.equal(firstAddress("(https://example.org/wiki/Crane_(machine))!"), "https://example.org/wiki/Crane_(machine)");
  assert.equal(firstAddress("*https://example.org/* then https://example.com/"), "https://example.org/");
  assert.equal(firstAddress("plain http://example.org/ is never asked"), undefined);
  assert.equal(firstAddress("https:// and https://"), undefined);
  assert.equal(firstAddress(`https://example.org/${"a".repeat(3000)}`), undefined);
  const began = performance.now();
  firstAddress(`https://a/${")".repeat(2000)} `.repeat(8));
  assert.ok(performance.now() - began < 1000);
});
