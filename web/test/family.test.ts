import assert from "node:assert/strict";
import test from "node:test";
import { hoursOf, hoursText, offsetText, openAt } from "../src/family/hours";

const week = "mon-fri 15:00-20:00, sat-sun 09:00-24:00";
const windows = [0, 1, 2, 3, 4].map((day) => ({ day, from_min: 900, until_min: 1200 })).concat([5, 6].map((day) => ({ day, from_min: 540, until_min: 1440 })));

test("hours are shown a line for each run of days, and go back as they came", () => {
  const hours = hoursOf(windows);
  assert.deepEqual(hours, [
    { first: 0, last: 4, from: "15:00", until: "20:00" },
    { first: 5, last: 6, from: "09:00", until: "00:00" },
  ]);
  assert.equal(hoursText(hours), week);
  assert.equal(hoursText([{ first: 2, last: 2, from: "07:05", until: "08:00" }]), "wed 07:05-08:00");
});

test("two spans of a day are two lines", () => {
  const twice = [0, 1].flatMap((day) => [{ day, from_min: 420, until_min: 480 }, { day, from_min: 900, until_min: 960 }]);
  assert.equal(hoursText(hoursOf(twice)), "mon-tue 07:00-08:00, mon-tue 15:00-16:00");
});

test("what is no span of time, or runs into another, has no text", () => {
  const line = { first: 0, last: 4, from: "15:00", until: "20:00" };
  for (const wrong of [[{ ...line, until: "15:00" }], [{ ...line, from: "" }], [line, { first: 4, last: 5, from: "19:59", until: "21:00" }], [{ ...line, first: 5, last: 4 }], []]) {
    assert.equal(hoursText(wrong), undefined);
  }
});

test("whether it is open is told by the child's clock", () => {
  const monday = Date.UTC(2024, 0, 1, 13, 30);
  const policy = { limited_hours: true, hours: windows, utc_offset_min: 120 };
  assert.equal(openAt(policy, monday), true);
  assert.equal(openAt({ ...policy, utc_offset_min: 0 }, monday), false);
  assert.equal(openAt(policy, Date.UTC(2024, 0, 6, 21, 59)), true, "Saturday, a minute before midnight there");
  assert.equal(openAt(policy, Date.UTC(2024, 0, 7, 22)), false, "Monday there");
  assert.equal(openAt({ ...policy, limited_hours: false }, Date.UTC(2024, 0, 7, 22)), true);
  assert.equal(openAt({ limited_hours: true }, monday), false, "no protobuf default opens anything");
});

test("a clock's offset has a sign and two digits each", () => {
  assert.equal(offsetText(120), "+02:00");
  assert.equal(offsetText(-570), "-09:30");
  assert.equal(offsetText(0), "+00:00");
});
