// One entry of the timeline: a bubble, blue or green, or a line that nobody said.
import { type KeyboardEvent, memo, useState } from "react";
import type { Message } from "../api/types";
import { useWords } from "../i18n";
import type { Row } from "../state/timeline";
import { clockTime, fullTime, guestNames, hue, isSms, num, personName, senderName } from "../text/format";
import { excerpt } from "../text/safe";
import { summary } from "../text/summary";
import { Icon, type IconName } from "../ui/icons";
import { IconButton } from "../ui/controls";
import { type ConversationActions, isForwardable } from "./actions";
import { Body } from "./body";
import { FileList } from "./files";
import { KindView } from "./kinds";
import { MessageMenu } from "./message_menu";
import { Preview } from "./preview";
import { stateName } from "./state";

export const MessageRow = memo(function MessageRow({
  row,
  day,
  group,
  actions,
  tabStop,
  flash,
  onFocused,
}: {
  row: Row;
  day: string | undefined;
  group: boolean;
  actions: ConversationActions;
  tabStop: boolean;
  flash: boolean;
  onFocused: (id: string) => void;
}) {
  const { t } = useWords();
  const { message } = row;
  const id = message.message_id ?? "";
  const system = message.system !== undefined || message.kind === "TIMER" || message.kind === undefined && message.unsent !== true;
  return (
    <div
      className={["row", message.outgoing === true ? "mine" : "theirs", row.firstOfRun ? "first" : "", row.lastOfRun ? "last" : "", flash ? "flash" : ""].join(" ")}
      data-id={id}
      role="listitem"
    >
      {day !== undefined && (
        <p className="day">
          <span>{day}</span>
        </p>
      )}
      {row.firstUnread && (
        <p className="new-border">
          <span>{t("timeline.new")}</span>
        </p>
      )}
      {system ? (
        <SystemLine message={message} tabStop={tabStop} onFocused={onFocused} />
      ) : (
        <Bubble message={message} group={group} row={row} actions={actions} tabStop={tabStop} onFocused={onFocused} />
      )}
    </div>
  );
});

const kSystemIcons: Partial<Record<string, IconName>> = {
  DEVICE_ADDED: "device",
  DEVICE_REMOVED: "device",
  KEY_CHANGED: "warning",
  KEY_ACCEPTED: "key",
  KEY_KEPT: "key",
  KNOWN_KEY_AGAIN: "warning",
  VERIFIED: "shield_check",
  GROUP_PHOTO_CHANGED: "image",
  GROUP_PHOTO_REMOVED: "image",
};

function SystemLine({ message, tabStop, onFocused }: { message: Message; tabStop: boolean; onFocused: (id: string) => void }) {
  const { locale } = useWords();
  const kind = message.kind === "TIMER" ? "TIMER" : (message.system?.kind ?? "");
  return (
    <div className={kind === "KEY_CHANGED" ? "system warn" : "system"} tabIndex={tabStop ? 0 : -1} onFocus={() => onFocused(message.message_id ?? "")}>
      <Icon name={kind === "TIMER" ? "hourglass" : (kSystemIcons[kind] ?? "info")} size={15} />
      <bdi>{excerpt(message.body, 300)}</bdi>
      <time title={fullTime(num(message.sent_ms), locale)}>{clockTime(num(message.sent_ms), locale)}</time>
    </div>
  );
}

function Bubble({
  message,
  group,
  row,
  actions,
  tabStop,
  onFocused,
}: {
  message: Message;
  group: boolean;
  row: Row;
  actions: ConversationActions;
  tabStop: boolean;
  onFocused: (id: string) => void;
}) {
  const words = useWords();
  const { t, locale } = words;
  const [menu, setMenu] = useState<DOMRect | undefined>(undefined);
  const green = isSms(message);
  const mine = message.outgoing === true;
  const alone = message.kind === "STICKER" && message.unsent !== true;
  const sent = num(message.sent_ms);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "enter" || key === "+" || key === "contextmenu" || (event.shiftKey && key === "f10")) {
      setMenu(event.currentTarget.getBoundingClientRect());
    } else if (key === "r" && !green) actions.reply(message);
    else if (key === "f" && !green && isForwardable(message)) actions.show("forward", message);
    else if (key === " " && message.kind === "VOICE_NOTE") event.currentTarget.querySelector<HTMLButtonElement>(".voice-play")?.click();
    else if (key === "e" && mine && message.unsent !== true && message.kind === "TEXT" && !green) actions.edit(message);
    else if (key === "delete" || key === "backspace") actions.show(mine && message.unsent !== true && !green ? "unsend" : "erase", message);
    else return;
    event.preventDefault();
  };

  const label = [
    mine ? t("you") : senderName(message),
    summary(message, words),
    clockTime(sent, locale),
    message.forwarded === true ? t("message.forwarded") : "",
    green ? t("channel.sms_read") : t("channel.sotto_read"),
    (message.also_in_clear ?? []).length > 0 ? t("guest.also", { names: guestNames(message.also_in_clear ?? []) }) : "",
    (message.app ?? "") !== "" ? t("message.via_app", { name: message.app ?? "" }) : "",
    mine ? stateName(message.state, t) ?? "" : "",
  ]
    .filter((part) => part !== "")
    .join(", ");

  return (
    <>
      {group && !mine && row.firstOfRun && <bdi className={`sender name-${hue(message.sender ?? "")}`}>{message.guest !== undefined ? t("guest.sender", { name: senderName(message) }) : senderName(message)}</bdi>}
      <div className="bubble-line">
        <div
          className={["bubble", mine ? "mine" : "theirs", green ? "green" : "blue", alone ? "alone" : "", message.unsent === true ? "gone" : ""].join(" ")}
          tabIndex={tabStop ? 0 : -1}
          role="group"
          aria-label={label}
          onFocus={() => onFocused(message.message_id ?? "")}
          onKeyDown={onKeyDown}
          onContextMenu={(event) => {
            // Selected words keep the browser's own menu.
            if (window.getSelection()?.isCollapsed === false) return;
            event.preventDefault();
            setMenu(new DOMRect(event.clientX, event.clientY, 1, 1));
          }}
        >
          {message.unsent === true ? (
            <p className="unsent">
              <Icon name="undo" size={15} /> {mine ? t("message.unsent_mine") : t("message.unsent")}
            </p>
          ) : (
            <>
              {message.forwarded === true && (
                <p className="forwarded">
                  <Icon name="forward" size={14} /> {t("message.forwarded")}
                </p>
              )}
              {message.reply_to !== undefined && <QuoteView quote={message.reply_to} actions={actions} />}
              <FileList message={message} actions={actions} />
              <KindView message={message} actions={actions} tabIndex={tabStop ? 0 : -1} />
              {(message.kind === "TEXT" || message.kind === "UNKNOWN") && (message.body ?? "") !== "" && (
                <Body text={message.body ?? ""} spans={message.spans} links={message.links} onRevealLinks={() => void actions.revealLinks(message)} />
              )}
              {message.preview !== undefined && <Preview message={message} preview={message.preview} onRevealLinks={() => void actions.revealLinks(message)} />}
            </>
          )}
          <p className="meta">
            {message.pinned === true && <Icon name="pin" size={13} label={t("message.pinned")} />}
            {num(message.expires_ms) > 0 && <Icon name="hourglass" size={13} label={t("message.disappears")} />}
            {num(message.edited_ms) > 0 && message.unsent !== true && (
              <button type="button" className="meta-button" tabIndex={-1} onClick={() => actions.show("details", message)}>
                {t("message.edited")}
              </button>
            )}
            {(message.app ?? "") !== "" && <bdi>{t("message.via_app", { name: message.app ?? "" })}</bdi>}
            {green ? (
              <span className="channel">
                <Icon name="open_lock" size={12} /> {t("channel.sms_meta")}
              </span>
            ) : (
              <span className="channel">
                <Icon name="lock" size={12} label={t("channel.sotto_read")} />
              </span>
            )}
            <time title={fullTime(sent, locale)}>{clockTime(sent, locale)}</time>
            {mine && <State message={message} />}
          </p>
          {(message.also_in_clear ?? []).length > 0 && (
            <p className="in-clear">
              <Icon name="open_lock" size={14} /> {t("guest.also", { names: guestNames(message.also_in_clear ?? []) })}
            </p>
          )}
          {message.state === "FAILED" && (
            <p className="failed" role="alert">
              <Icon name="warning" size={15} /> {message.failure || t("state.failed")}
            </p>
          )}
        </div>
        <IconButton icon="more" size={18} className="bubble-more" tabIndex={-1} label={t("message.actions")} aria-haspopup="menu" onClick={(event) => setMenu(event.currentTarget.getBoundingClientRect())} />
      </div>
      <Reactions message={message} actions={actions} />
      {menu !== undefined && <MessageMenu at={menu} message={message} green={green} actions={actions} onClose={() => setMenu(undefined)} />}
    </>
  );
}

function QuoteView({ quote, actions }: { quote: NonNullable<Message["reply_to"]>; actions: ConversationActions }) {
  const { t } = useWords();
  return (
    <button type="button" className="quote" tabIndex={-1} disabled={quote.known !== true} onClick={() => actions.jumpTo(quote.message_id ?? "")}>
      <bdi className="quote-who">{personName(quote.sender)}</bdi>
      <bdi className="quote-said">{quote.known === true ? excerpt(quote.body) || t("message.no_words") : t("message.not_here")}</bdi>
    </button>
  );
}

function State({ message }: { message: Message }) {
  const { t } = useWords();
  const icon: IconName = message.state === "QUEUED" ? "clock" : message.state === "FAILED" ? "warning" : message.state === "SENT" ? "check" : "checks";
  const words = stateName(message.state, t) ?? "";
  return (
    <span className={`state ${(message.state ?? "").toLowerCase()}`} title={words}>
      <Icon name={icon} size={15} label={words} />
      {message.state === "READ" && <span aria-hidden="true">{words}</span>}
    </span>
  );
}

function Reactions({ message, actions }: { message: Message; actions: ConversationActions }) {
  const { t } = useWords();
  const reactions = message.reactions ?? [];
  if (reactions.length === 0) return null;
  const own = actions.app.state.get().status;
  const groups = new Map<string, string[]>();
  for (const each of reactions.slice(0, 500)) {
    const emoji = each.emoji ?? "";
    groups.set(emoji, [...(groups.get(emoji) ?? []), each.sender ?? ""]);
  }
  return (
    <ul className="reactions">
      {[...groups].slice(0, 12).map(([emoji, senders]) => {
        const mine = senders.some((sender) => sender === own?.handle || sender === own?.account);
        const names = senders.slice(0, 8).map(personName).join(", ");
        return (
          <li key={emoji}>
            <button
              type="button"
              className={mine ? "reaction own" : "reaction"}
              tabIndex={-1}
              aria-pressed={mine}
              title={names}
              aria-label={t("reaction.by", { emoji, names })}
              onClick={() => void actions.react(message, mine ? "" : emoji)}
            >
              <span>{emoji.slice(0, 32)}</span>
              {senders.length > 1 && <span>{senders.length}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
