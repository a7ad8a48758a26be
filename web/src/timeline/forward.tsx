// A message said anew somewhere else: what it says, never who said it (docs/specs/content.md 10).
import { type FormEvent, useState } from "react";
import type { Conversation, Message } from "../api/types";
import { ConversationPicker } from "../conversations/picker";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { conversationName, guestNames } from "../text/format";
import { excerpt } from "../text/safe";
import { summary } from "../text/summary";
import { describe } from "../transport/transport";
import { Banner, Button, Switch } from "../ui/controls";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";

/** Where it can go: text messages carry nothing but text, and are asked about elsewhere. */
function takesIt(conversation: Conversation): boolean {
  return conversation.kind !== "SMS" && conversation.settings?.blocked !== true && conversation.contact?.account_retired !== true;
}

export function Forward({ message, onClose }: { message: Message; onClose: () => void }) {
  const app = useApp();
  const words = useWords();
  const { t } = words;
  const [to, setTo] = useState<string | undefined>(undefined);
  const [withoutGuests, setWithoutGuests] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const target = useAppState((state) => state.conversations.get(to ?? ""));
  const guests = target?.guests ?? [];
  const inClear = guests.length > 0 && !withoutGuests;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (to === undefined) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const sent = await app.call("messages.forward", {
        conversation: message.conversation ?? "",
        message_id: message.message_id ?? "",
        to,
        ...(guests.length > 0 && withoutGuests && { without_guests: true }),
      });
      app.timelines.changed(sent);
      app.refreshConversation(to);
      app.toast(t("forward.done", { name: conversationName(target, t("notes")) }), "good");
      onClose();
    } catch (error) {
      setFailure(describe(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={t("forward.title")} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <p className="forward-what">
          <Icon name="forward" size={16} />
          <bdi>{excerpt(summary(message, words), 160)}</bdi>
        </p>
        <p className="hint">{t("forward.words")}</p>
        <ConversationPicker label={t("forward.to")} value={to} offered={takesIt} onChange={setTo} />
        {guests.length > 0 && (
          <div className="forward-guests">
            <Banner tone={inClear ? "good" : "info"} icon={inClear ? "open_lock" : "lock"}>
              {t(inClear ? "guest.warning" : "guest.left_out", { names: guestNames(guests) })}
            </Banner>
            <Switch label={t("guest.leave_out")} checked={withoutGuests} onChange={setWithoutGuests} />
          </div>
        )}
        {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
        <div className="buttons end">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" tone={inClear ? "green" : "main"} busy={busy} disabled={to === undefined}>
            {t(inClear ? "forward.action_guests" : "message.forward")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
