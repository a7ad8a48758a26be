// The Opus packets of a recording that a browser made in WebM (Matroska). Total: what is not as expected gives nothing,
// and the recording then goes as it is. Lengths of elements that contain others are not needed and not believed:
// browsers leave them open.

export interface OpusStream {
  /** The identification header (RFC 7845 5.1). */
  head: Uint8Array;
  packets: readonly Uint8Array[];
}

const kSegment = 0x18538067;
const kTracks = 0x1654ae6b;
const kTrack = 0xae;
const kCodecPrivate = 0x63a2;
const kCluster = 0x1f43b675;
const kBlockGroup = 0xa0;
const kBlock = 0xa1;
const kSimpleBlock = 0xa3;
const kContainers: ReadonlySet<number> = new Set([kSegment, kTracks, kTrack, kCluster, kBlockGroup]);
/** Several frames in one block: no browser does that with sound. */
const kLacing = 0x06;
/** An hour and a half at 20 ms a packet. */
const kMaxPackets = 270_000;

/** A number whose first octet says how long it is, and where the next one begins. `marked`: with that sign, as ids have it. */
function number(octets: Uint8Array, at: number, marked: boolean): { value: number; next: number } | undefined {
  const first = octets[at];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  if (at + length > octets.length) return undefined;
  let value = marked ? first : first & (0xff >> length);
  for (let each = 1; each < length; each += 1) value = value * 256 + (octets[at + each] ?? 0);
  return { value, next: at + length };
}

function packet(block: Uint8Array): Uint8Array | undefined {
  const track = number(block, 0, false);
  if (track === undefined) return undefined;
  const flags = block[track.next + 2];
  if (flags === undefined || (flags & kLacing) !== 0) return undefined;
  const found = block.subarray(track.next + 3);
  return found.length > 0 ? found : undefined;
}

/** Undefined where there is no Opus, or something that is not understood. */
export function opusOf(webm: Uint8Array): OpusStream | undefined {
  const packets: Uint8Array[] = [];
  let head: Uint8Array | undefined;
  let at = 0;
  while (at < webm.length) {
    const id = number(webm, at, true);
    const size = id === undefined ? undefined : number(webm, id.next, false);
    if (id === undefined || size === undefined) return undefined;
    at = size.next;
    if (kContainers.has(id.value)) continue;
    if (size.value > webm.length - at) return undefined;
    const body = webm.subarray(at, at + size.value);
    at += size.value;
    if (id.value === kCodecPrivate) head = body;
    if (id.value !== kBlock && id.value !== kSimpleBlock) continue;
    const found = packet(body);
    if (found === undefined || packets.length >= kMaxPackets) return undefined;
    packets.push(found);
  }
  const isOpus = head !== undefined && head.length >= 19 && String.fromCharCode(...head.subarray(0, 8)) === "OpusHead";
  return isOpus && head !== undefined && packets.length > 0 ? { head, packets } : undefined;
}
