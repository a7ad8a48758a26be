// Times, sizes and names in the user's language. Formatters are made once: making one costs more than using it.
import type { Contact, Conversation, Guest, Message } from "../api/types";
import { oneLine } from "./safe";

export function num(value: string | number | undefined): number {
  return value === undefined ? 0 : Number(value);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${kind}`;
  let made = formatters.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(locale, options);
    formatters.set(key, made);
  }
  return made;
}

export function clockTime(ms: number, locale: string): string {
  return formatter(locale, "time", { hour: "2-digit", minute: "2-digit" }).format(ms);
}

export function fullTime(ms: number, locale: string): string {
  return formatter(locale, "full", { dateStyle: "full", timeStyle: "short" }).format(ms);
}

export function dateAndTime(ms: number, locale: string): string {
  return formatter(locale, "both", { dateStyle: "medium", timeStyle: "short" }).format(ms);
}

export function dayNumber(ms: number): number {
  const date = new Date(ms);
  return Math.round(new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime() / 86400000);
}

export function dayName(ms: number, now: number, locale: string, today: string, yesterday: string): string {
  const away = dayNumber(now) - dayNumber(ms);
  if (away === 0) return today;
  if (away === 1) return yesterday;
  if (away > 1 && away < 7) return formatter(locale, "weekday", { weekday: "long" }).format(ms);
  const year = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return year
    ? formatter(locale, "day", { weekday: "short", day: "numeric", month: "long" }).format(ms)
    : formatter(locale, "year", { day: "numeric", month: "long", year: "numeric" }).format(ms);
}

/** For the list: a time today, a weekday this week, else a date. */
export function listTime(ms: number, now: number, locale: string, yesterday: string): string {
  if (ms === 0) return "";
  const away = dayNumber(now) - dayNumber(ms);
  if (away <= 0) return clockTime(ms, locale);
  if (away === 1) return yesterday;
  if (away < 7) return formatter(locale, "short-weekday", { weekday: "short" }).format(ms);
  return formatter(locale, "short-date", { year: "2-digit", month: "numeric", day: "numeric" }).format(ms);
}

export function fileSize(octets: number, locale: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let size = octets;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = size < 10 && unit > 0 ? 1 : 0;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[unit] as string,
    unitDisplay: "short",
    maximumFractionDigits: digits,
  }).format(size);
}

/** An account in hexadecimal, short enough for a person to see that it is one. */
export function personName(name: string | undefined): string {
  const line = oneLine(name);
  return /^[0-9a-f]{32}$/.test(line) ? `${line.slice(0, 4)} ${line.slice(4, 8)}…` : line;
}

export function contactName(contact: Contact | undefined): string {
  if (contact === undefined) return "";
  return personName(contact.handle || contact.retired_handle || contact.account);
}

/** What the user calls a conversation. */
export function conversationName(conversation: Conversation | undefined, notes: string): string {
  if (conversation === undefined) return "";
  const own = oneLine(conversation.settings?.name);
  if (own !== "") return own;
  switch (conversation.kind) {
    case "NOTES":
      return notes;
    case "GROUP":
      return oneLine(conversation.title) || personName(conversation.conversation?.replace(/^#/, ""));
    case "SMS":
      return oneLine((conversation.conversation ?? "").replace(/^sms:/, ""));
    default:
      return contactName(conversation.contact) || personName(conversation.conversation);
  }
}

export function initials(name: string): string {
  const words = name.replace(/[^\p{L}\p{N}\s]/gu, "").trim().split(/\s+/);
  const first = Array.from(words[0] ?? "")[0] ?? "";
  const second = words.length > 1 ? (Array.from(words[words.length - 1] ?? "")[0] ?? "") : "";
  return (first + second).toUpperCase();
}

/** One of twelve hues, always the same for the same name. */
export function hue(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < Math.min(text.length, 64); i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return (hash >>> 0) % 12;
}

/** Nothing of it is encrypted to whom it is from or goes to. */
export function isSms(record: Pick<Message, "security" | "guest"> | undefined): boolean {
  return record?.security?.channel === "SMS" || record?.guest !== undefined;
}

/** As the network has it, where it can be one: with + and the country code. */
export function phoneNumber(typed: string): string | undefined {
  const bare = typed.trim().replace(/[\s().-]/g, "");
  return /^\+[1-9]\d{6,14}$/.test(bare) ? bare : undefined;
}

export function guestNames(guests: readonly Guest[]): string {
  const names = guests.slice(0, 3).map((guest) => oneLine(guest.name, 32) || oneLine(guest.number, 20));
  return guests.length > 3 ? `${names.join(", ")}…` : names.join(", ");
}

/** Who said it, where it was not the user. */
export function senderName(message: Pick<Message, "sender" | "guest">): string {
  return message.guest !== undefined ? guestNames([message.guest]) : personName(message.sender);
}

export function grouped(text: string, by: number): string {
  return text.replace(new RegExp(`(.{${by}})(?=.)`, "g"), "$1 ");
}
