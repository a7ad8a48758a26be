// A body and its spans (UTF-8 octets, docs/specs/content.md) as runs of one style each, cut further at web addresses.
// Pure; whoever renders makes elements of it and never markup.
import type { Span, SpanStyle } from "../api/types";

export interface Run {
  text: string;
  styles: ReadonlySet<SpanStyle>;
  mention?: string;
  /** The run is this address. */
  url?: string;
  /** Of the spoiler that the run is in: all its runs are revealed together. */
  spoiler?: number;
}

/** More than a sender may give (docs/specs/content.md); what is beyond is shown plain. */
export const kMaxSpans = 256;

/** The index in UTF-16 of each octet offset asked for, in one pass. */
export function utf16Offsets(text: string, octets: number[]): Map<number, number> {
  const wanted = [...new Set(octets)].sort((a, b) => a - b);
  const found = new Map<number, number>();
  let octet = 0;
  let index = 0;
  for (const offset of wanted) {
    while (octet < offset && index < text.length) {
      const code = text.codePointAt(index) ?? 0;
      octet += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      index += code > 0xffff ? 2 : 1;
    }
    found.set(offset, index);
  }
  return found;
}

const kUrl = /https?:\/\/[^\s<>"'`\u0000-\u001f\u200b-\u200f\u2028-\u202e\u2066-\u2069]{1,2048}/giu;

/** Addresses in a text, without the punctuation of the sentence around them. */
export function urlsIn(text: string): { start: number; end: number; url: string }[] {
  const found = [];
  for (const match of text.matchAll(kUrl)) {
    let url = match[0].replace(/[.,;:!?…]+$/u, "");
    for (const [open, close] of [["(", ")"], ["[", "]"], ["{", "}"]] as const) {
      while (url.endsWith(close) && count(url, close) > count(url, open)) url = url.slice(0, -1);
    }
    url = url.replace(/[.,;:!?…]+$/u, "");
    if (URL.canParse?.(url) ?? isUrl(url)) found.push({ start: match.index, end: match.index + url.length, url });
    if (found.length === 64) break;
  }
  return found;
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

function isUrl(text: string): boolean {
  try {
    return new URL(text).hostname !== "";
  } catch {
    return false;
  }
}

interface Range {
  start: number;
  end: number;
  style: SpanStyle;
  mention?: string;
  spoiler?: number;
}

export function runs(body: string, spans: readonly Span[] = []): Run[] {
  const some = spans.slice(0, kMaxSpans);
  const ends = some.flatMap((span) => [span.start ?? 0, (span.start ?? 0) + (span.length ?? 0)]);
  const at = utf16Offsets(body, ends);
  const ranges: Range[] = [];
  some.forEach((span, number) => {
    const start = at.get(span.start ?? 0) ?? 0;
    const end = at.get((span.start ?? 0) + (span.length ?? 0)) ?? 0;
    if (end <= start || span.style === undefined || span.style === "STYLE_UNSPECIFIED") return;
    ranges.push({
      start,
      end,
      style: span.style,
      ...(span.mention !== undefined && { mention: span.mention }),
      ...(span.style === "SPOILER" && { spoiler: number }),
    });
  });
  const urls = urlsIn(body);
  const cuts = new Set([0, body.length]);
  for (const range of [...ranges, ...urls]) cuts.add(range.start).add(range.end);
  const edges = [...cuts].sort((a, b) => a - b);
  const made: Run[] = [];
  for (let i = 0; i + 1 < edges.length; i += 1) {
    const start = edges[i] as number;
    const end = edges[i + 1] as number;
    const over = ranges.filter((range) => range.start <= start && range.end >= end);
    const url = urls.find((each) => each.start <= start && each.end >= end);
    const mention = over.find((range) => range.mention !== undefined)?.mention;
    const spoiler = over.find((range) => range.spoiler !== undefined)?.spoiler;
    made.push({
      text: body.slice(start, end),
      styles: new Set(over.map((range) => range.style)),
      ...(mention !== undefined && { mention }),
      ...(url !== undefined && { url: url.url }),
      ...(spoiler !== undefined && { spoiler }),
    });
  }
  return made;
}

const kSigns: Partial<Record<SpanStyle, string>> = {
  BOLD: "*",
  ITALIC: "_",
  STRIKETHROUGH: "~",
  MONOSPACE: "`",
  SPOILER: "||",
};

/** The text as its author would type it again, for editing. */
export function toMarkup(body: string, spans: readonly Span[] = []): string {
  if (spans.length === 0) return body;
  return runs(body, spans)
    .map((run) => {
      let text = run.text.replace(/[\\*_~`|]/g, "\\$&");
      for (const style of ["MONOSPACE", "ITALIC", "BOLD", "STRIKETHROUGH", "SPOILER"] as const) {
        const sign = kSigns[style];
        if (sign !== undefined && run.styles.has(style)) text = sign + text + sign;
      }
      return text;
    })
    .join("");
}

/** Whether a text has signs in pairs that its author can have meant as markup; else it goes as it is. */
export function hasMarkup(text: string): boolean {
  return /(^|[\s(])(\*\S[^*\n]*\*|_\S[^_\n]*_|~\S[^~\n]*~|`[^`\n]+`|\|\|[^|\n]+\|\||@[\p{L}\d._-]{2,})/u.test(text);
}
