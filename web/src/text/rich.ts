// A body, its spans and its links (UTF-8 octets, docs/specs/content.md) as runs of one style each.
// Pure; whoever renders makes elements of it and never markup.
import type { MessageLink, Span, SpanStyle } from "../api/types";

export interface Run {
  text: string;
  styles: ReadonlySet<SpanStyle>;
  mention?: string;
  /** The run is a part of this link. */
  link?: MessageLink;
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

interface Range {
  start: number;
  end: number;
  style: SpanStyle;
  mention?: string;
  spoiler?: number;
}

export function runs(body: string, spans: readonly Span[] = [], links: readonly MessageLink[] = []): Run[] {
  const some = spans.slice(0, kMaxSpans);
  const ends = [...some, ...links].flatMap((span) => [span.start ?? 0, (span.start ?? 0) + (span.length ?? 0)]);
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
  const linked = links.map((link) => ({
    start: at.get(link.start ?? 0) ?? 0,
    end: at.get((link.start ?? 0) + (link.length ?? 0)) ?? 0,
    link,
  }));
  const cuts = new Set([0, body.length]);
  for (const range of [...ranges, ...linked]) cuts.add(range.start).add(range.end);
  const edges = [...cuts].sort((a, b) => a - b);
  const made: Run[] = [];
  for (let i = 0; i + 1 < edges.length; i += 1) {
    const start = edges[i] as number;
    const end = edges[i + 1] as number;
    const over = ranges.filter((range) => range.start <= start && range.end >= end);
    const link = linked.find((each) => each.start <= start && each.end >= end)?.link;
    const mention = over.find((range) => range.mention !== undefined)?.mention;
    const spoiler = over.find((range) => range.spoiler !== undefined)?.spoiler;
    made.push({
      text: body.slice(start, end),
      styles: new Set(over.map((range) => range.style)),
      ...(mention !== undefined && { mention }),
      ...(link !== undefined && { link }),
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

/** What a link says in its body. */
export function linkText(body: string, link: MessageLink): string {
  const start = link.start ?? 0;
  const end = start + (link.length ?? 0);
  const at = utf16Offsets(body, [start, end]);
  return body.slice(at.get(start) ?? 0, at.get(end) ?? 0);
}

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
