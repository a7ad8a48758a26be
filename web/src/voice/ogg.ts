// Opus packets as an Ogg file (RFC 3533, RFC 7845): it says how long it is, can be played from anywhere in it, by every
// browser and by `sotto`, and names neither the browser that made it nor when.
import type { OpusStream } from "./webm";

const kBegin = 2;
const kEnd = 4;
const kMaxSegments = 255;
/** Packets on a page: a second of sound. */
const kPerPage = 50;

const kCrc = Uint32Array.from({ length: 256 }, (_, octet) => {
  let rest = octet << 24;
  for (let bit = 0; bit < 8; bit += 1) rest = (rest << 1) ^ (rest < 0 ? 0x04c11db7 : 0);
  return rest >>> 0;
});

/** Of a page whose own field for it is 0 (RFC 3533 6). */
export function checksum(octets: Uint8Array): number {
  let rest = 0;
  for (const octet of octets) rest = ((rest << 8) ^ (kCrc[(rest >>> 24) ^ octet] ?? 0)) >>> 0;
  return rest;
}

/** Samples at 48 kHz that a packet holds (RFC 6716 3.1). */
export function samplesOf(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const frame = config < 12 ? ([480, 960, 1920, 2880][config & 3] ?? 0) : config < 16 ? ([480, 960][config & 1] ?? 0) : ([120, 240, 480, 960][config & 3] ?? 0);
  const frames = [1, 2, 2, (packet[1] ?? 0) & 63][toc & 3] ?? 0;
  return frame * frames;
}

const segments = (packet: Uint8Array): number => Math.floor(packet.length / 255) + 1;

function page(packets: readonly Uint8Array[], flags: number, samples: number, sequence: number): Uint8Array {
  const lacing = packets.flatMap((packet) => [...Array<number>(segments(packet) - 1).fill(255), packet.length % 255]);
  const body = packets.reduce((sum, packet) => sum + packet.length, 0);
  const out = new Uint8Array(27 + lacing.length + body);
  const view = new DataView(out.buffer);
  out.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
  view.setBigUint64(6, BigInt(samples), true);
  view.setUint32(14, 1, true);
  view.setUint32(18, sequence, true);
  out[26] = lacing.length;
  out.set(lacing, 27);
  let at = 27 + lacing.length;
  for (const packet of packets) {
    out.set(packet, at);
    at += packet.length;
  }
  view.setUint32(22, checksum(out), true);
  return out;
}

/** "OpusTags" without a vendor and without a comment. */
const kTags = Uint8Array.from([..."OpusTags"].map((sign) => sign.charCodeAt(0)).concat(Array<number>(8).fill(0)));

export function oggOf({ head, packets }: OpusStream): Uint8Array<ArrayBuffer> {
  const pages = [page([head], kBegin, 0, 0), page([kTags], 0, 0, 1)];
  let samples = 0;
  for (let at = 0; at < packets.length; ) {
    const on: Uint8Array[] = [];
    for (let room = kMaxSegments; on.length < kPerPage && at < packets.length; at += 1) {
      const next = packets[at] as Uint8Array;
      room -= segments(next);
      if (room < 0 && on.length > 0) break;
      on.push(next);
      samples += samplesOf(next);
    }
    pages.push(page(on, at === packets.length ? kEnd : 0, samples, pages.length));
  }
  const out = new Uint8Array(pages.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of pages) {
    out.set(each, at);
    at += each.length;
  }
  return out;
}
