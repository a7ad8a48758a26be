import { useState } from "react";
import type { Message } from "../api/types";
import { useWords } from "../i18n";
import { useCopy } from "../ui/copy";
import { Menu, type MenuItem } from "../ui/menu";
import { type ConversationActions, isForwardable } from "./actions";

const kQuick = ["👍", "❤️", "😂", "😮", "😢", "🎉"] as const;

/** Whether a text is one sign that stands for a feeling; what the client checks for good. */
export function oneGrapheme(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > 32) return false;
  const segmenter = (Intl as { Segmenter?: typeof Intl.Segmenter }).Segmenter;
  return segmenter === undefined ? Array.from(trimmed).length <= 4 : [...new segmenter().segment(trimmed)].length === 1;
}

export function MessageMenu({
  at,
  message,
  green,
  actions,
  onClose,
}: {
  at: DOMRect;
  message: Message;
  green: boolean;
  actions: ConversationActions;
  onClose: () => void;
}) {
  const { t } = useWords();
  const copy = useCopy();
  const [other, setOther] = useState("");
  const mine = message.outgoing === true;
  const gone = message.unsent === true;
  const own = actions.app.state.get().status;
  const current = (message.reactions ?? []).find((each) => each.sender === own?.handle || each.sender === own?.account)?.emoji;
  const react = (emoji: string): void => {
    void actions.react(message, emoji === current ? "" : emoji);
    onClose();
  };
  const items: (MenuItem | "line")[] = [];
  if (!green && !gone) items.push({ label: t("message.reply"), icon: "reply", onSelect: () => actions.reply(message) });
  if (!green && isForwardable(message)) items.push({ label: t("message.forward"), icon: "forward", onSelect: () => actions.show("forward", message) });
  if ((message.body ?? "") !== "" && !gone) {
    items.push({
      label: t("message.copy"),
      icon: "copy",
      onSelect: () => copy(message.body ?? ""),
    });
  }
  if (mine && !gone && !green && message.kind === "TEXT") items.push({ label: t("message.edit"), icon: "edit", onSelect: () => actions.edit(message) });
  if (!gone && !green) {
    const pinned = message.pinned === true;
    items.push({ label: t(pinned ? "message.unpin" : "message.pin"), icon: "pin", onSelect: () => void actions.pin(message, !pinned) });
  }
  items.push({ label: t("message.details"), icon: "info", onSelect: () => actions.show("details", message) }, "line");
  if (mine && !gone && !green) items.push({ label: t("message.unsend"), icon: "undo", danger: true, onSelect: () => actions.show("unsend", message) });
  items.push({ label: t("message.erase"), icon: "trash", danger: true, onSelect: () => actions.show("erase", message) });
  return (
    <Menu
      anchor={at}
      label={t("message.actions")}
      items={items}
      onClose={onClose}
      above={
        green || gone ? undefined : (
          <div className="quick" role="group" aria-label={t("reaction.choose")}>
            {kQuick.map((emoji) => (
              <button key={emoji} type="button" aria-pressed={emoji === current} aria-label={t("reaction.with", { emoji })} onClick={() => react(emoji)}>
                {emoji}
              </button>
            ))}
            <input
              value={other}
              size={2}
              maxLength={32}
              placeholder="+"
              aria-label={t("reaction.other")}
              onChange={(event) => setOther(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && oneGrapheme(other)) react(other.trim());
              }}
            />
          </div>
        )
      }
    />
  );
}
