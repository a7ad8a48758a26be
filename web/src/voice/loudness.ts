// How loud a voice message is from its beginning to its end, and its length in words.

/** As many as a message carries (docs/specs/content.md 2). */
export const kParts = 64;
/** Where a recording does not say how loud it is. */
export const kFlat: readonly number[] = Array<number>(kParts).fill(70);

/** The loudest sample of each of as many equal parts, 0 to 255; of the whole, so that a quiet voice can be seen, too. */
export function loudness(samples: Float32Array): Uint8Array {
  const out = new Uint8Array(kParts);
  const peaks = Array.from({ length: kParts }, (_, part) => {
    let loudest = 0;
    const end = Math.floor((samples.length * (part + 1)) / kParts);
    for (let at = Math.floor((samples.length * part) / kParts); at < end; at += 1) loudest = Math.max(loudest, Math.abs(samples[at] ?? 0));
    return loudest;
  });
  const most = Math.max(...peaks);
  if (most > 0) peaks.forEach((peak, part) => (out[part] = Math.round((255 * peak) / most)));
  return out;
}

/** Octets as protobuf JSON has them. */
export function base64(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets));
}

/** The bars of a record's waveform; flat ones for what is none. */
export function barsOf(waveform: string | undefined): readonly number[] {
  try {
    const bars = Array.from(atob(waveform ?? "").slice(0, kParts), (sign) => sign.charCodeAt(0));
    return bars.length > 0 ? bars : kFlat;
  } catch {
    return kFlat;
  }
}

/** "3:07" */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
