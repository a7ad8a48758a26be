// Invented people and what they say. Messages of the long conversation are made from their number alone, so that a
// hundred thousand of them cost nothing until they are looked at.
import type { Conversation, Message, MessageLink, SecurityState } from "../src/api/types";

export const kNow = Date.now();
const kMinute = 60_000;
export const kMe = "0a".repeat(16);

export const sealed = (verified = false): SecurityState => ({
  channel: "SOTTO",
  end_to_end: true,
  pq_level: "PQ_CONTINUOUS",
  authentication: "HYBRID",
  verified_by: verified ? "VERIFIED_BY_QR" : "PINNED_AT_FIRST_CONTACT",
  last_rekey_ms: String(kNow - 42 * kMinute),
  transparency_size: "18240",
});
export const open: SecurityState = { channel: "SMS", pq_level: "PQ_NONE" };

let made = 0;
export const id = (): string => (++made).toString(16).padStart(32, "0");

const kSayings = [
  "Did you see the light over the water this morning?", "I'll bring bread.", "Yes.", "That works for me 👍", "The meeting moved to three, in the small room.",
  "Could you send me the draft before lunch? I only need the second half, the part about the archive.", "Ha!", "On the train now, the line drops in the tunnel.",
  "We should ask Ines. She knew the place when it was still a workshop, and she keeps every letter.", "Så klart, vi ses där.", "Nearly there",
  "I read it twice. The middle is the best thing you wrote this year; the ending wants another day.", "❤️", "Let me check and come back to you.", "See you at the corner, by the yellow door.",
];

export function numbered(number: number, total: number): Message {
  const outgoing = (number * 7) % 5 < 2;
  const time = kNow - (total - number) * 13 * kMinute;
  const words = number % 37 === 0 ? `${kSayings[number % 15]} ${kSayings[(number + 4) % 15]} ${kSayings[(number + 9) % 15]}` : (kSayings[(number * 11) % 15] ?? "");
  return {
    message_id: `f${number.toString(16).padStart(31, "0")}`,
    conversation: "ines",
    sender: outgoing ? "maja" : "ines",
    outgoing,
    sent_ms: String(time),
    received_ms: String(time + 800),
    body: `${words} (${number})`,
    kind: "TEXT",
    state: outgoing ? (number > total - 3 ? "DELIVERED" : "READ") : "RECEIVED",
    read: !outgoing,
    security: sealed(true),
  };
}

type Said = Partial<Message> & { from?: string };

export function talk(conversation: string, lines: readonly (string | Said)[], options: { security?: SecurityState; minutes?: number } = {}): Message[] {
  return lines.map((line, index) => {
    const said: Said = typeof line === "string" ? { body: line } : line;
    const { from, ...rest } = said;
    const outgoing = from === undefined ? index % 2 === 1 : from === "maja";
    const time = kNow - (lines.length - index) * (options.minutes ?? 4) * kMinute;
    return {
      message_id: id(),
      conversation,
      sender: outgoing ? "maja" : (from ?? conversation),
      outgoing,
      sent_ms: String(time),
      received_ms: String(time + 700),
      kind: "TEXT",
      state: outgoing ? "READ" : "RECEIVED",
      read: true,
      security: options.security ?? sealed(),
      ...rest,
    };
  });
}

const octets = (text: string): number => new TextEncoder().encode(text).length;

/** A link of a body as the client finds it. */
export function link(body: string, url: string, host: string, more: Partial<MessageLink> = {}): MessageLink {
  return { start: octets(body.slice(0, body.indexOf(url))), length: octets(url), host, inert: true, ...more };
}

export function direct(name: string, more: Partial<Conversation> = {}, verified = false): Conversation {
  const account = Array.from({ length: 32 }, (_, i) => ((name.charCodeAt(i % name.length) + i) % 16).toString(16)).join("");
  return {
    conversation: name,
    kind: "DIRECT",
    contact: { account, handle: name, fingerprint: account + account, devices: [{ device: id() }, { device: id() }], security: sealed(verified), verified_by: "PINNED_AT_FIRST_CONTACT", log_proof: "PROVEN" },
    security: sealed(verified),
    settings: { read_receipts: true, delivery_receipts: true, typing: true },
    ...more,
  };
}
