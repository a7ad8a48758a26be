// Where the user writes: text with drafts, files, what is answered or changed, and the other kinds of message.
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Conversation, Message, SendRequest } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { preferences } from "../state/preferences";
import { useStore } from "../state/store";
import { fileSize, guestNames, num, personName } from "../text/format";
import { hasMarkup, toMarkup } from "../text/rich";
import { excerpt, oneLine } from "../text/safe";
import { summary } from "../text/summary";
import { describe } from "../transport/transport";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { Menu, type MenuItem } from "../ui/menu";
import { ExtraDialog, type Extra } from "./extras";
import { PreviewOffer, usePreview } from "./preview";
import { useUploads } from "./uploads";
import { VoiceComposer } from "./voice";

const kDraftMs = 700;
const kTypingEveryMs = 4000;
const kTypingStopsMs = 6000;
/** Text is at most 16 KiB of UTF-8 (docs/cli.md). */
const kMaxOctets = 16 * 1024;

export function Composer({
  conversation,
  field,
  replyTo,
  editing,
  dropped,
  onDropTaken,
  onDone,
  onEditLast,
}: {
  conversation: Conversation;
  field: RefObject<HTMLTextAreaElement | null>;
  replyTo: Message | undefined;
  editing: Message | undefined;
  dropped: readonly File[];
  onDropTaken: () => void;
  onDone: () => void;
  onEditLast: () => void;
}) {
  const app = useApp();
  const words = useWords();
  const { t, n, locale } = words;
  const id = conversation.conversation ?? "";
  const sms = conversation.kind === "SMS";
  const choices = useStore(preferences, (each) => each);
  const [text, setText] = useState(conversation.draft ?? "");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const [menu, setMenu] = useState<DOMRect | undefined>(undefined);
  const [withoutGuests, setWithoutGuests] = useState(false);
  const guests = conversation.guests ?? [];
  const [extra, setExtra] = useState<Extra | undefined>(undefined);
  const { pending, add, remove, clear } = useUploads(app);
  const [speaking, setSpeaking] = useState(false);
  const previewing = usePreview(app, sms || editing !== undefined ? "" : text);
  const files = useRef<HTMLInputElement>(null);
  const before = useRef("");

  // Drafts are the account's: kept on all its devices.
  const saved = useRef(conversation.draft ?? "");
  const draft = useRef(text);
  draft.current = editing === undefined ? text : before.current;
  const save = useCallback(() => {
    if (draft.current === saved.current || sms) return;
    saved.current = draft.current;
    app.call("conversations.set_draft", { conversation: id, text: draft.current }).catch(() => undefined);
  }, [app, id, sms]);
  useEffect(() => {
    const timer = window.setTimeout(save, kDraftMs);
    return () => window.clearTimeout(timer);
  }, [text, save]);
  useEffect(() => save, [save]);

  const typed = useRef(0);
  const quiet = useRef<number | undefined>(undefined);
  const tellTyping = useCallback(
    (active: boolean) => {
      if (sms || conversation.kind === "NOTES" || conversation.settings?.typing !== true) return;
      const now = Date.now();
      window.clearTimeout(quiet.current);
      if (active) quiet.current = window.setTimeout(() => tellTyping(false), kTypingStopsMs);
      if (active ? now - typed.current < kTypingEveryMs : typed.current === 0) return;
      typed.current = active ? now : 0;
      app.call("conversations.set_typing", { conversation: id, active }).catch(() => undefined);
    },
    [app, id, sms, conversation.kind, conversation.settings?.typing],
  );
  useEffect(() => () => tellTyping(false), [tellTyping]);

  useEffect(() => {
    if (editing !== undefined) {
      before.current = draft.current;
      setSpeaking(false);
      setText(toMarkup(editing.body ?? "", editing.spans));
      setFailure(undefined);
    }
    // Only the message that is changed decides; the text is the user's from then on.
  }, [editing?.message_id]);

  useEffect(() => {
    if (dropped.length === 0) return;
    if (!add(dropped)) app.toast(t("composer.too_many"), "bad");
    onDropTaken();
    field.current?.focus();
  }, [dropped, add, app, t, onDropTaken, field]);

  const fit = useCallback(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 220)}px`;
  }, [field]);
  useLayoutEffect(fit, [text, fit, speaking]);
  useEffect(() => {
    window.addEventListener("resize", fit);
    return () => window.removeEventListener("resize", fit);
  }, [fit]);

  useEffect(() => {
    // On a telephone the keyboard would cover what somebody came to read.
    if (window.matchMedia("(hover: hover)").matches) field.current?.focus();
  }, [field]);

  const stop = (): void => {
    if (editing !== undefined) setText(before.current);
    setFailure(undefined);
    onDone();
  };

  // What failed is left out by the user, never by us.
  const uploading = pending.some((each) => each.upload === undefined);
  const ready = pending.filter((each) => each.upload !== undefined);
  const trimmed = text.trim();
  const octets = new TextEncoder().encode(trimmed).length;
  const canSend = (trimmed !== "" || ready.length > 0) && !uploading && !busy && octets <= kMaxOctets;

  const send = async (more: Partial<SendRequest> = {}): Promise<boolean> => {
    setBusy(true);
    setFailure(undefined);
    try {
      const special = Object.keys(more).length > 0;
      if (editing !== undefined && !special) {
        const changed = await app.call("messages.edit", {
          conversation: id,
          message_id: editing.message_id ?? "",
          text: trimmed,
          markup: choices.markup && hasMarkup(trimmed),
        });
        app.timelines.changed(changed);
        setText(before.current);
      } else {
        const sent = await app.call("messages.send", {
          conversation: id,
          ...(!special && trimmed !== "" && { text: trimmed, markup: choices.markup && !sms && hasMarkup(trimmed) }),
          ...(!special && previewing.preview !== undefined && { preview: previewing.preview }),
          ...(replyTo !== undefined && { reply_to: replyTo.message_id ?? "" }),
          ...(!special && ready.length > 0 && { files: ready.map((each) => ({ upload: each.upload ?? "", name: each.file.name })) }),
          ...(guests.length > 0 && withoutGuests && { without_guests: true }),
          ...more,
        });
        if (app.timelines.of(id).get().moreAfter) await app.timelines.newest(id);
        else if (sent.message_id !== undefined) app.timelines.changed(sent);
        app.refreshConversation(id);
        if (!special) {
          setText("");
          clear();
        }
      }
      typed.current = 0;
      onDone();
      setBusy(false);
      return true;
    } catch (error) {
      setFailure(describe(error));
      setBusy(false);
      return false;
    }
  };

  const schedule = async (due_ms: string): Promise<boolean> => {
    try {
      await app.call("messages.schedule", { conversation: id, text: trimmed, due_ms, markup: choices.markup && hasMarkup(trimmed), ...(previewing.preview !== undefined && { preview: previewing.preview }) });
      setText("");
      await app.readScheduled();
      app.toast(t("schedule.made"), "good");
      return true;
    } catch (error) {
      setFailure(describe(error));
      return false;
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && (choices.enterSends || command)) {
      event.preventDefault();
      if (canSend) void send();
    } else if (event.key === "Escape" && (editing !== undefined || replyTo !== undefined)) {
      event.preventDefault();
      stop();
    } else if (event.key === "ArrowUp" && text === "" && editing === undefined && !command) {
      event.preventDefault();
      onEditLast();
    }
  };

  const onPaste = (event: ClipboardEvent): void => {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0 || sms) return;
    event.preventDefault();
    if (!add(pasted)) app.toast(t("composer.too_many"), "bad");
  };

  const items: MenuItem[] = [
    { label: t("extra.files"), icon: "attach", onSelect: () => files.current?.click() },
    { label: t("extra.poll"), icon: "poll", onSelect: () => setExtra("poll") },
    { label: t("extra.place"), icon: "place", onSelect: () => setExtra("place") },
    { label: t("extra.card"), icon: "card", onSelect: () => setExtra("card") },
    { label: t("extra.sticker"), icon: "sticker", onSelect: () => setExtra("sticker") },
    { label: t("extra.schedule"), icon: "clock", disabled: trimmed === "", onSelect: () => setExtra("schedule") },
    { label: t("extra.timer"), icon: "hourglass", onSelect: () => setExtra("timer") },
  ];
  const timer = num(conversation.settings?.timer_s);
  // Green is what somebody gets in clear; the button says the same.
  const toGuests = guests.length > 0 && !withoutGuests && editing === undefined;
  const green = sms || toGuests;
  const action = editing !== undefined ? "composer.save" : sms ? "composer.send_sms" : toGuests ? "composer.send_guests" : "composer.send";
  return (
    <form
      className={green ? "composer green" : "composer"}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) void send();
      }}
    >
      {sms && (
        <p className="composer-warning">
          <Icon name="open_lock" size={15} /> {t("composer.sms_warning")}
        </p>
      )}
      {guests.length > 0 && editing === undefined && (
        <div className={withoutGuests ? "composer-warning blue" : "composer-warning"}>
          <Icon name={withoutGuests ? "lock" : "open_lock"} size={15} />
          <span role="status">{t(withoutGuests ? "guest.left_out" : "guest.warning", { names: guestNames(guests) })}</span>
          <label>
            {t("guest.leave_out")}
            <input type="checkbox" role="switch" className="switch small" checked={withoutGuests} onChange={(event) => setWithoutGuests(event.target.checked)} />
          </label>
        </div>
      )}
      {(replyTo ?? editing) !== undefined && (
        <div className="composer-about">
          <Icon name={editing !== undefined ? "edit" : "reply"} size={17} />
          <span>
            <strong>{editing !== undefined ? t("composer.editing") : t("composer.replying", { name: replyTo?.outgoing === true ? t("you") : personName(replyTo?.sender) })}</strong>
            <bdi>{excerpt(summary(editing ?? replyTo, words))}</bdi>
          </span>
          <IconButton icon="close" size={17} label={t("cancel")} onClick={stop} />
        </div>
      )}
      {pending.length > 0 && (
        <ul className="pending" aria-label={t("composer.files")}>
          {pending.map((each) => (
            <li key={each.key} className={each.failure !== undefined ? "bad" : ""}>
              {each.url !== undefined ? <img src={each.url} alt="" /> : <Icon name="file" size={24} />}
              <span className="pending-words">
                <bdi>{oneLine(each.file.name, 40)}</bdi>
                <span className="hint">{each.failure ?? fileSize(each.file.size, locale)}</span>
                {each.upload === undefined && each.failure === undefined && <progress max={1} value={each.part} aria-label={t("file.uploading")} />}
              </span>
              <IconButton icon="close" size={15} label={t("composer.remove_file", { name: oneLine(each.file.name, 40) })} onClick={() => remove(each.key)} />
            </li>
          ))}
        </ul>
      )}
      {!speaking && <PreviewOffer previewing={previewing} />}
      {failure !== undefined && (
        <p className="error" role="alert">
          {failure}
        </p>
      )}
      {speaking ? (
        <VoiceComposer
          action={t(action)}
          send={send}
          onClose={() => {
            setSpeaking(false);
            // The field is there again after this.
            window.requestAnimationFrame(() => field.current?.focus());
          }}
        />
      ) : (
        <div className="composer-line">
          {!sms && (
            <IconButton icon="plus" label={t("composer.more")} aria-haspopup="menu" disabled={editing !== undefined} onClick={(event) => setMenu(event.currentTarget.getBoundingClientRect())} />
          )}
          <textarea
            ref={field}
            rows={1}
            dir="auto"
            value={text}
            aria-label={t(sms ? "composer.sms_label" : toGuests ? "composer.guests_label" : "composer.label")}
            placeholder={t(sms ? "composer.sms_label" : toGuests ? "composer.guests_label" : conversation.kind === "NOTES" ? "composer.note" : "composer.label")}
            onChange={(event) => {
              setText(event.target.value);
              if (editing === undefined) tellTyping(event.target.value !== "");
            }}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
          />
          {timer > 0 && <span className="composer-timer" title={t("timer.on")}><Icon name="hourglass" size={18} label={t("timer.on")} /></span>}
          {!sms && editing === undefined && text === "" && pending.length === 0 && <IconButton icon="microphone" label={t("voice.record")} onClick={() => setSpeaking(true)} />}
          <button type="submit" className="send" disabled={!canSend} aria-label={t(action)} title={t(action)}>
            <Icon name={editing !== undefined ? "check" : "send"} />
          </button>
        </div>
      )}
      {octets > kMaxOctets - 1024 && <p className={octets > kMaxOctets ? "error" : "hint"}>{n("composer.left", kMaxOctets - octets)}</p>}
      <input
        ref={files}
        type="file"
        multiple
        className="only-read"
        tabIndex={-1}
        aria-label={t("extra.files")}
        onChange={(event) => {
          if (!add([...(event.target.files ?? [])])) app.toast(t("composer.too_many"), "bad");
          event.target.value = "";
          field.current?.focus();
        }}
      />
      {menu !== undefined && <Menu anchor={menu} label={t("composer.more")} items={items} onClose={() => setMenu(undefined)} />}
      {extra !== undefined && <ExtraDialog extra={extra} conversation={conversation} send={send} schedule={schedule} onClose={() => setExtra(undefined)} />}
    </form>
  );
}
