// What this device sends later: when, to whom, what; each can be changed, sent now or taken back.
import { type FormEvent, useEffect, useState } from "react";
import type { Scheduled as Waiting } from "../api/types";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { preferences } from "../state/preferences";
import { go } from "../state/route";
import { useStore } from "../state/store";
import { conversationName, dateAndTime, num, personName } from "../text/format";
import { hasMarkup } from "../text/rich";
import { excerpt } from "../text/safe";
import { describe } from "../transport/transport";
import { Banner, Button, Field, IconButton, TextArea } from "../ui/controls";
import { Confirm, Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";

/** As a field for date and time has it, in the browser's own zone. */
export function localTime(ms: number): string {
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 16);
}

export function Scheduled() {
  const app = useApp();
  const { t, locale } = useWords();
  const scheduled = useAppState((state) => state.scheduled);
  const conversations = useAppState((state) => state.conversations);
  const [changing, setChanging] = useState<Waiting | undefined>(undefined);
  const [cancelling, setCancelling] = useState<Waiting | undefined>(undefined);
  useEffect(() => {
    app.readScheduled().catch(() => undefined);
  }, [app]);
  const named = (each: Waiting): string => conversationName(conversations.get(each.conversation ?? ""), t("notes")) || personName(each.conversation);
  return (
    <div className="pane">
      <header className="pane-header">
        <IconButton icon="back" label={t("back")} onClick={() => go({ page: "list" })} />
        <h2>{t("scheduled.title")}</h2>
      </header>
      <div className="requests">
        <p className="hint">{t("scheduled.words")}</p>
        {scheduled.length === 0 && <p>{t("scheduled.none")}</p>}
        <ul>
          {scheduled.map((each) => (
            <li key={each.message_id}>
              <article className="request" aria-label={t("scheduled.to", { name: named(each) })}>
                <p className="scheduled-when">
                  <Icon name="clock" size={16} />
                  <time>{dateAndTime(num(each.due_ms), locale)}</time>
                  <a href={`#/c/${encodeURIComponent(each.conversation ?? "")}`}>
                    <bdi>{named(each)}</bdi>
                  </a>
                </p>
                <p className="scheduled-said">
                  <bdi>{excerpt(each.body, 600)}</bdi>
                </p>
                <div className="buttons">
                  <Button icon="edit" onClick={() => setChanging(each)}>
                    {t("scheduled.change")}
                  </Button>
                  <Button icon="trash" onClick={() => setCancelling(each)}>
                    {t("scheduled.cancel")}
                  </Button>
                </div>
              </article>
            </li>
          ))}
        </ul>
      </div>
      {changing !== undefined && <Change waiting={changing} name={named(changing)} onClose={() => setChanging(undefined)} />}
      {cancelling !== undefined && (
        <Confirm
          title={t("scheduled.cancel_title")}
          action={t("scheduled.cancel")}
          danger
          onClose={() => setCancelling(undefined)}
          onConfirm={async () => {
            await app.attempt("messages.cancel_scheduled", { message_id: cancelling.message_id ?? "" });
            await app.readScheduled().catch(() => undefined);
          }}
        >
          <p>{t("scheduled.cancel_words")}</p>
        </Confirm>
      )}
    </div>
  );
}

function Change({ waiting, name, onClose }: { waiting: Waiting; name: string; onClose: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const markup = useStore(preferences, (each) => each.markup);
  const [text, setText] = useState(waiting.body ?? "");
  const [when, setWhen] = useState(() => localTime(num(waiting.due_ms)));
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const due = when === "" ? 0 : new Date(when).getTime();

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const body = text.trim();
      const made = await app.call("messages.schedule", { conversation: waiting.conversation ?? "", text: body, due_ms: String(due), markup: markup && hasMarkup(body) });
      try {
        await app.call("messages.cancel_scheduled", { message_id: waiting.message_id ?? "" });
      } catch (failure) {
        // It went out meanwhile: it shall not go out twice.
        await app.call("messages.cancel_scheduled", { message_id: made.message_id ?? "" });
        throw failure;
      }
      await app.readScheduled();
      onClose();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };

  return (
    <Dialog title={t("scheduled.change_title", { name })} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <TextArea label={t("scheduled.text")} name="text" rows={4} autoFocus value={text} onChange={(event) => setText(event.target.value)} />
        <Field label={t("schedule.when")} name="when" type="datetime-local" min={localTime(Date.now())} value={when} onChange={(event) => setWhen(event.target.value)} />
        {error !== undefined && <Banner tone="bad">{error}</Banner>}
        <div className="buttons end">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" tone="main" busy={busy} disabled={text.trim() === "" || due <= Date.now()}>
            {t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
