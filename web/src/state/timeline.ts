// The part of a conversation that is in memory: a window of messages in a row, moved over the whole by pages, so that
// a conversation of any length costs the same. Pure functions; loading.ts asks for the pages.
import type { Message, MessagePage } from "../api/types";
import { num } from "../text/format";

/** Entries in a page: about three screens. */
export const kPage = 60;
/** Entries that a window keeps; beyond it the far end is let go. Laid out at once without a stutter. */
export const kWindow = 240;

export interface Timeline {
  messages: readonly Message[];
  moreBefore: boolean;
  moreAfter: boolean;
  /** Of the first message in the whole conversation. */
  position: number;
  total: number;
  /** At most one page is on its way. */
  loading: "first" | "before" | "after" | undefined;
  failure: string | undefined;
  /** Messages that came while the window was elsewhere. */
  below: number;
}

export const kEmpty: Timeline = {
  messages: [],
  moreBefore: false,
  moreAfter: false,
  position: 0,
  total: 0,
  loading: "first",
  failure: undefined,
  below: 0,
};

export function first(page: MessagePage): Timeline {
  return {
    messages: page.messages ?? [],
    moreBefore: page.more_before ?? false,
    moreAfter: page.more_after ?? false,
    position: num(page.position),
    total: num(page.total),
    loading: undefined,
    failure: undefined,
    below: 0,
  };
}

function without(messages: readonly Message[], known: readonly Message[]): Message[] {
  const ids = new Set(known.map((message) => message.message_id));
  return messages.filter((message) => !ids.has(message.message_id));
}

export function older(timeline: Timeline, page: MessagePage): Timeline {
  const fresh = without(page.messages ?? [], timeline.messages);
  const messages = [...fresh, ...timeline.messages];
  const cut = messages.length > kWindow;
  return {
    ...timeline,
    messages: cut ? messages.slice(0, kWindow) : messages,
    moreBefore: page.more_before ?? false,
    moreAfter: timeline.moreAfter || cut,
    position: num(page.position),
    total: num(page.total) || timeline.total,
    loading: undefined,
    failure: undefined,
  };
}

export function newer(timeline: Timeline, page: MessagePage): Timeline {
  const fresh = without(page.messages ?? [], timeline.messages);
  const messages = [...timeline.messages, ...fresh];
  const cut = Math.max(0, messages.length - kWindow);
  const moreAfter = page.more_after ?? false;
  return {
    ...timeline,
    messages: cut > 0 ? messages.slice(cut) : messages,
    moreBefore: timeline.moreBefore || cut > 0,
    moreAfter,
    position: timeline.position + cut,
    total: num(page.total) || timeline.total,
    loading: undefined,
    failure: undefined,
    below: moreAfter ? timeline.below : 0,
  };
}

/** A message that is new, or changed. */
export function upsert(timeline: Timeline, message: Message): Timeline {
  const at = timeline.messages.findIndex((each) => each.message_id === message.message_id);
  if (at >= 0) {
    const messages = timeline.messages.slice();
    messages[at] = message;
    return { ...timeline, messages };
  }
  if (timeline.moreAfter) {
    // A change of an entry that is not in the window is not news at its end.
    const newest = timeline.messages[timeline.messages.length - 1];
    if (newest !== undefined && num(message.sent_ms) < num(newest.sent_ms)) return timeline;
    return { ...timeline, below: timeline.below + 1, total: timeline.total + 1 };
  }
  const time = num(message.sent_ms);
  let place = timeline.messages.length;
  while (place > 0 && num(timeline.messages[place - 1]?.sent_ms) > time) place -= 1;
  if (place === 0 && timeline.moreBefore) return timeline;
  const messages = timeline.messages.slice();
  messages.splice(place, 0, message);
  const cut = Math.max(0, messages.length - kWindow);
  return {
    ...timeline,
    messages: cut > 0 ? messages.slice(cut) : messages,
    moreBefore: timeline.moreBefore || cut > 0,
    position: timeline.position + cut,
    total: timeline.total + 1,
  };
}

export function erase(timeline: Timeline, id: string): Timeline {
  const messages = timeline.messages.filter((message) => message.message_id !== id);
  if (messages.length === timeline.messages.length) return timeline;
  return { ...timeline, messages, total: Math.max(0, timeline.total - 1) };
}

/** What stands where in a list of messages: days, runs of one sender, the border of what is new. */
export interface Row {
  message: Message;
  newDay: boolean;
  firstOfRun: boolean;
  lastOfRun: boolean;
  firstUnread: boolean;
}

const kRunMs = 5 * 60 * 1000;

export function rows(messages: readonly Message[], day: (ms: number) => number, firstUnread?: string): Row[] {
  const together = (a: Message | undefined, b: Message | undefined): boolean =>
    a !== undefined &&
    b !== undefined &&
    a.system === undefined &&
    b.system === undefined &&
    a.kind !== "TIMER" &&
    b.kind !== "TIMER" &&
    a.sender === b.sender &&
    (a.outgoing ?? false) === (b.outgoing ?? false) &&
    num(b.sent_ms) - num(a.sent_ms) < kRunMs &&
    day(num(a.sent_ms)) === day(num(b.sent_ms));
  return messages.map((message, at) => {
    const before = messages[at - 1];
    const after = messages[at + 1];
    return {
      message,
      newDay: before === undefined || day(num(before.sent_ms)) !== day(num(message.sent_ms)),
      firstOfRun: !together(before, message),
      lastOfRun: !together(message, after),
      firstUnread: message.message_id === firstUnread,
    };
  });
}
