// Words of strangers, made harmless to look at: no character may change the direction of what stands around it, pile
// up marks, or make a line that no screen can lay out. Nothing here changes what is stored or copied.

/** Marks in a row on one letter; Tibetan and pointed Hebrew need four. */
export const kMaxMarks = 5;
/** Characters of a body that are shown before "show all": about a screenful. */
export const kShownAtFirst = 1600;
/** Lines, likewise. */
export const kLinesAtFirst = 28;
/** Characters that are ever laid out at once; the rest can be saved, not shown. */
export const kShownAtMost = 64 * 1024;

const kDirection = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// Everything that takes no place of its own and has no business in a name.
const kInvisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/g;
const kJoiner = /\u200d/g;
const kPile = new RegExp(`(\\p{M}{${kMaxMarks}})\\p{M}+`, "gu");

/** Limits piles of marks; linear in the length of the text. */
export function flatten(text: string): string {
  return text.replace(kPile, "$1");
}

/** A name on one line, at most `max` characters. */
export function oneLine(text: string | undefined, max = 64): string {
  if (text === undefined) return "";
  const some = text.slice(0, max * 8);
  const line = flatten(
    some
      .replace(kJoiner, "\ue000")
      .replace(/[\r\n\t]+/g, " ")
      .replace(kInvisible, "")
      .replace(/\ue000/g, "\u200d"),
  ).trim();
  const letters = Array.from(line);
  return letters.length <= max ? line : letters.slice(0, max - 1).join("") + "…";
}

/** A body for a preview in a list: one line, harmless. */
export function excerpt(text: string | undefined, max = 120): string {
  return oneLine(text, max);
}

export interface Piece {
  text: string;
  /** It is a control that would turn the direction of what follows; shown as a mark instead. */
  control: boolean;
}

/** Splits at direction controls, so that they can be shown as marks, and drops what cannot be seen at all. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(kDirection)) {
    if (match.index > from) found.push({ text: text.slice(from, match.index), control: false });
    found.push({ text: match[0], control: true });
    from = match.index + match[0].length;
    // A text of controls alone says nothing more after this many.
    if (found.length > 64) return found;
  }
  if (from < text.length) found.push({ text: text.slice(from), control: false });
  return found.map((piece) =>
    piece.control ? piece : { ...piece, text: flatten(piece.text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, "")) },
  );
}

/** How much of a body is shown at first; its whole length when it is short. Never splits a surrogate pair. */
export function shownLength(text: string, all: boolean): number {
  if (all) return safeEnd(text, Math.min(text.length, kShownAtMost));
  let end = Math.min(text.length, kShownAtFirst);
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) {
    lines += 1;
    if (lines === kLinesAtFirst) end = at;
  }
  // Half a screen more is better than a button for three words.
  if (text.length - end < 200 && lines < kLinesAtFirst) end = text.length;
  return safeEnd(text, end);
}

function safeEnd(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return end < text.length && code >= 0xd800 && code < 0xdc00 ? end - 1 : end;
}

/** For spoken and composed sentences: nothing inside can turn the sentence around it. */
export function isolated(text: string): string {
  return `\u2068${text.replace(kDirection, "")}\u2069`;
}
