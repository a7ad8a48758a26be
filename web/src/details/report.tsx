// Telling the operator about somebody (docs/specs/requests.md 7): what goes is what is chosen here, word for word, and
// nothing goes unseen.
import { type FormEvent, useState } from "react";
import type { Message } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { dateAndTime, num } from "../text/format";
import { excerpt } from "../text/safe";
import { describe } from "../transport/transport";
import { Banner, Button, Spinner, Switch, TextArea } from "../ui/controls";
import { Dialog } from "../ui/dialog";

/** Octets that a reason may have, and messages that may go along (src/client/requests/reports.cpp). */
const kLongestReason = 1000;
const kMostEvidence = 5;

export function Report({ conversation, name, onClose, onSent }: { conversation: string; name: string; onClose: () => void; onSent?: (blocked: boolean) => void }) {
  const app = useApp();
  const { t } = useWords();
  const [why, setWhy] = useState("");
  const [choosing, setChoosing] = useState(false);
  const [said, setSaid] = useState<readonly Message[] | undefined>(undefined);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [block, setBlock] = useState(true);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const tooLong = new TextEncoder().encode(why.trim()).length > kLongestReason;

  // What a stranger wrote is read only when somebody asks for it.
  const choose = (): void => {
    setChoosing(true);
    app.call("requests.preview_report", { conversation }).then(
      (report) => setSaid(report.messages ?? []),
      (error: unknown) => setFailure(describe(error)),
    );
  };

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      const report = await app.call("requests.report", { conversation, why: why.trim(), message_ids: [...chosen], keep: !block });
      app.toast(t(report.sent === true ? "report.sent" : "report.kept", { name }), "good");
      app.refreshConversation(conversation);
      onSent?.(report.blocked === true);
      onClose();
    } catch (error) {
      setFailure(describe(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={t("report.title", { name })} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <p>{t("report.words")}</p>
        <TextArea label={t("report.why")} name="why" autoFocus rows={3} value={why} hint={t("report.why_hint")} error={tooLong ? t("report.too_long") : undefined} onChange={(event) => setWhy(event.target.value)} />
        {!choosing && (
          <Button icon="plus" onClick={choose}>
            {t("report.choose")}
          </Button>
        )}
        {choosing && said === undefined && failure === undefined && <Spinner label={t("connecting.wait")} />}
        {said !== undefined && <Evidence said={said} chosen={chosen} onChange={setChosen} />}
        <Switch label={t("report.block")} hint={t("block.words")} checked={block} onChange={setBlock} />
        {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
        <div className="buttons end">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" tone="danger" icon="flag" busy={busy} disabled={why.trim() === "" || tooLong}>
            {t("report.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Evidence({ said, chosen, onChange }: { said: readonly Message[]; chosen: ReadonlySet<string>; onChange: (chosen: ReadonlySet<string>) => void }) {
  const { t, locale } = useWords();
  if (said.length === 0) return <p className="hint">{t("report.nothing")}</p>;
  return (
    <fieldset className="evidence">
      <legend>{t("report.evidence")}</legend>
      <p className="hint">{t("report.evidence_words")}</p>
      {said.map((message) => {
        const id = message.message_id ?? "";
        return (
          <label key={id}>
            <input
              type="checkbox"
              checked={chosen.has(id)}
              disabled={!chosen.has(id) && chosen.size >= kMostEvidence}
              onChange={(event) => {
                const next = new Set(chosen);
                if (event.target.checked) next.add(id);
                else next.delete(id);
                onChange(next);
              }}
            />
            <span>
              <bdi>{excerpt(message.body, 400) || t("message.no_words")}</bdi>
              <time className="hint">{dateAndTime(num(message.sent_ms), locale)}</time>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
