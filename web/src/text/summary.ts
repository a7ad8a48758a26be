// A message in a few words, for lists, quotes and announcements.
import type { Message } from "../api/types";
import type { Words } from "../i18n";
import { clock } from "../voice/loudness";
import { excerpt, oneLine } from "./safe";

export function summary(message: Message | undefined, { t, n }: Pick<Words, "t" | "n">): string {
  if (message === undefined) return "";
  if (message.unsent === true) return t("message.unsent");
  if (message.system !== undefined) return excerpt(message.body);
  switch (message.kind) {
    case "LOCATION":
      return t("kind.location", { name: oneLine(message.location?.name) }).trim();
    case "POLL":
      return t("kind.poll", { question: excerpt(message.poll?.question) });
    case "STICKER":
      return t("kind.sticker", { emoji: oneLine(message.sticker?.emoji) });
    case "VOICE_NOTE":
      return (message.voice_note?.duration_ms ?? 0) > 0 ? t("kind.voice_long", { length: clock((message.voice_note?.duration_ms ?? 0) / 1000) }) : t("kind.voice");
    case "CONTACT_CARD":
      return t("kind.card", { name: oneLine(message.contact_card?.name) });
    default:
  }
  const body = excerpt(message.body);
  if (body !== "") return body;
  const files = message.files ?? [];
  const only = files.length === 1 ? files[0] : undefined;
  if (only !== undefined) return isPicture(only.mime) ? t("kind.picture") : oneLine(only.name) || t("kind.file");
  return files.length > 1 ? n("kind.files", files.length) : "";
}

export function isPicture(mime: string | undefined): boolean {
  return /^image\/(png|jpeg|webp|gif|heic|heif)$/.test(mime ?? "");
}
