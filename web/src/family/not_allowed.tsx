// What a child is told above a conversation in which its guardian does not let it write now, and how to ask.
import { type FormEvent, useState } from "react";
import type { Conversation, Family } from "../api/types";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { personName } from "../text/format";
import { describe } from "../transport/transport";
import { Banner, Button, Field } from "../ui/controls";
import { Dialog } from "../ui/dialog";
import { openAt } from "./hours";

/** Characters of a note to the guardian: one line, 256 octets (docs/specs/families.md). */
export const kLongestNote = 120;

export function guardianIn(families: readonly Family[]): Family | undefined {
  return families.find((each) => each.role === "GUARDIAN" && each.accepted === true);
}

export function NotAllowedYet({ record, name }: { record: Conversation; name: string }) {
  const { t } = useWords();
  const guardian = useAppState((state) => guardianIn(state.families));
  const [asking, setAsking] = useState(false);
  const account = record.contact?.account;
  if (guardian === undefined || (record.kind ?? "DIRECT") !== "DIRECT" || account === undefined || account === guardian.account) return null;
  const allowed = guardian.policy?.allowed?.some((each) => each.account === account) === true;
  const who = personName(guardian.name);
  if (allowed && guardian.policy !== undefined && openAt(guardian.policy, Date.now())) return null;
  return (
    <div className="key-changed">
      <Banner tone="warn" icon="family" action={!allowed && <Button onClick={() => setAsking(true)}>{t("family.ask")}</Button>}>
        {t(allowed ? "family.closed_now" : "family.not_allowed", { name, guardian: who })}
      </Banner>
      {asking && <Ask person={record.contact?.handle || account} name={name} guardian={who} onClose={() => setAsking(false)} />}
    </div>
  );
}

export function Ask({ person, name, guardian, onClose }: { person: string; name: string; guardian: string; onClose: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const [note, setNote] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await app.call("families.ask", { person, note: note.trim() });
      app.toast(t("family.asked", { guardian }), "good");
      onClose();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("family.ask_title", { name })} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <p>{t("family.ask_words", { guardian })}</p>
        <Field label={t("family.note")} name="note" autoFocus maxLength={kLongestNote} value={note} hint={t("family.note_hint")} error={error} onChange={(event) => setNote(event.target.value)} />
        <div className="buttons end">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" tone="main" busy={busy}>
            {t("family.ask")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
