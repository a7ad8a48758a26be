import assert from "node:assert/strict";
import test from "node:test";
import { barsOf, base64, clock, kFlat, kParts, loudness } from "../src/voice/loudness";
import { checksum, oggOf, samplesOf } from "../src/voice/ogg";
import { opusOf } from "../src/voice/webm";

const ascii = (text: string): number[] => [...text].map((sign) => sign.charCodeAt(0));
const kHead = Uint8Array.from([...ascii("OpusHead"), 1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0]);
/** 20 ms of a voice (RFC 6716 3.1: configuration 1). */
const opus = (octets: number, fill: number): Uint8Array => Uint8Array.from([1 << 3, ...Array<number>(octets).fill(fill)]);

function element(id: readonly number[], body: readonly number[], length: "known" | "open" = "known"): number[] {
  const size = length === "open" ? [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] : [0x40 | (body.length >> 8), body.length & 0xff];
  return [...id, ...size, ...body];
}

/** As browsers make it: lengths of the outer elements are open, blocks have one frame. */
function webm(packets: readonly Uint8Array[], flags = 0x80): Uint8Array {
  const track = element([0xae], [...element([0xd7], [1]), ...element([0x86], ascii("A_OPUS")), ...element([0x63, 0xa2], [...kHead])]);
  const blocks = packets.map((packet, index) => {
    const block = [0x81, 0, index, flags, ...packet];
    return index % 2 === 0 ? element([0xa3], block) : element([0xa0], element([0xa1], block));
  });
  const cluster = element([0x1f, 0x43, 0xb6, 0x75], [...element([0xe7], [0]), ...blocks.flat()], "open");
  return Uint8Array.from([...element([0x1a, 0x45, 0xdf, 0xa3], ascii("webm")), ...element([0x18, 0x53, 0x80, 0x67], [...element([0x16, 0x54, 0xae, 0x6b], track), ...cluster], "open")]);
}

interface Page {
  flags: number;
  samples: number;
  sequence: number;
  packets: Uint8Array[];
}

/** By another reader than the writer: RFC 3533 6. */
function pagesOf(ogg: Uint8Array): Page[] {
  const pages: Page[] = [];
  for (let at = 0; at < ogg.length; ) {
    const view = new DataView(ogg.buffer, ogg.byteOffset + at);
    assert.equal(String.fromCharCode(...ogg.subarray(at, at + 4)), "OggS");
    const count = ogg[at + 26] ?? 0;
    const lacing = [...ogg.subarray(at + 27, at + 27 + count)];
    const packets: Uint8Array[] = [];
    let from = at + 27 + count;
    let length = 0;
    for (const each of lacing) {
      length += each;
      if (each === 255) continue;
      packets.push(ogg.slice(from, from + length));
      from += length;
      length = 0;
    }
    assert.equal(length, 0, "no packet goes over the end of a page");
    const whole = ogg.slice(at, from);
    whole.fill(0, 22, 26);
    assert.equal(view.getUint32(22, true), checksum(whole));
    pages.push({ flags: ogg[at + 5] ?? 0, samples: Number(view.getBigUint64(6, true)), sequence: view.getUint32(18, true), packets });
    at = from;
  }
  return pages;
}

test("the checksum is Ogg's: CRC-32/CKSUM of the catalogue of CRCs, without its last inversion", () => {
  assert.equal(checksum(Uint8Array.from(ascii("123456789"))), ~0x765e7680 >>> 0);
});

test("what a browser recorded becomes an Ogg file with the same packets, and its length", () => {
  const packets = Array.from({ length: 120 }, (_, index) => opus(40 + index * 4, index));
  const stream = opusOf(webm(packets));
  assert.deepEqual(stream?.packets.map((each) => [...each]), packets.map((each) => [...each]));
  assert.ok(stream !== undefined);
  const pages = pagesOf(oggOf(stream));
  assert.deepEqual(pages[0]?.packets, [kHead]);
  assert.equal(String.fromCharCode(...(pages[1]?.packets[0]?.subarray(0, 8) ?? [])), "OpusTags");
  assert.deepEqual(pages.slice(2).flatMap((each) => each.packets).map((each) => [...each]), packets.map((each) => [...each]));
  assert.deepEqual(pages.map((each) => each.sequence), pages.map((_, index) => index));
  assert.deepEqual(pages.map((each) => each.flags), pages.map((_, index) => (index === 0 ? 2 : index === pages.length - 1 ? 4 : 0)));
  assert.equal(pages.at(-1)?.samples, 120 * 960);
});

test("packets whose length is a multiple of 255, and the longest that there are, come whole", () => {
  const packets = [opus(254, 1), opus(509, 2), opus(61_000, 3), opus(61_000, 4), opus(0, 5)];
  const pages = pagesOf(oggOf({ head: kHead, packets }));
  assert.deepEqual(pages.slice(2).flatMap((each) => each.packets.map((packet) => packet.length)), packets.map((each) => each.length));
});

test("how long a packet is says its first octet", () => {
  const at = (config: number, code: number, second = 0): number => samplesOf(Uint8Array.from([(config << 3) | code, second]));
  assert.deepEqual([at(0, 0), at(1, 0), at(3, 0), at(12, 0), at(13, 0), at(16, 0), at(31, 0)], [480, 960, 2880, 480, 960, 120, 960]);
  assert.deepEqual([at(1, 1), at(1, 2), at(1, 3, 0x83)], [1920, 1920, 2880]);
});

test("a recording that is cut off anywhere, or is something else, breaks nothing", () => {
  const whole = webm([opus(30, 1), opus(30, 2), opus(30, 3)]);
  for (let length = 0; length < whole.length; length += 1) {
    const stream = opusOf(whole.slice(0, length));
    if (stream !== undefined) assert.ok(stream.packets.length < 3);
  }
  assert.equal(opusOf(webm([opus(30, 1)], 0x86)), undefined, "several frames in a block");
  assert.equal(opusOf(webm([])), undefined);
  assert.equal(opusOf(Uint8Array.from(ascii("RIFF....WAVE"))), undefined);
  assert.equal(opusOf(new Uint8Array(1000)), undefined);
});

test("loudness is shown from the beginning to the end, a quiet voice too", () => {
  const samples = Float32Array.from({ length: 6400 }, (_, index) => (index < 3200 ? 0.01 : 0.02) * (index % 2 === 0 ? 1 : -1));
  const bars = loudness(samples);
  assert.equal(bars.length, kParts);
  assert.equal(bars[0], 128);
  assert.equal(bars[kParts - 1], 255);
  assert.deepEqual(barsOf(base64(bars)), [...bars]);
  assert.deepEqual([...loudness(new Float32Array(0))], Array<number>(kParts).fill(0));
  assert.equal(barsOf(undefined), kFlat);
  assert.equal(barsOf("no base64!"), kFlat);
  assert.equal(barsOf("A".repeat(4000)).length, kParts);
});

test("lengths read as clocks do", () => {
  assert.deepEqual([0, 7.9, 61, 600, -1].map(clock), ["0:00", "0:07", "1:01", "10:00", "0:00"]);
});
