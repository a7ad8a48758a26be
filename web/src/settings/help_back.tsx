// Giving somebody the share of their account that this one keeps for them, after talking to them.
import { type FormEvent, useState } from "react";
import type { ReleasedShare, SharesRequest } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { dateAndTime, num } from "../text/format";
import { describe } from "../transport/transport";
import { Banner, Button } from "../ui/controls";
import { Dialog } from "../ui/dialog";
import { PassedText, TextToPass } from "../ui/passed_text";

export function HelpBack({ onClose }: { onClose: () => void }) {
  const app = useApp();
  const { t, locale } = useWords();
  const [text, setText] = useState("");
  const [request, setRequest] = useState<SharesRequest | undefined>(undefined);
  const [released, setReleased] = useState<ReleasedShare | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const name = request?.handle ?? "";

  const attempt = async (body: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await body();
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  const read = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(async () => setRequest(await app.call("recovery.read_request", { request: text })));
  };

  return (
    <Dialog title={t("help_back.title")} onClose={onClose}>
      {request === undefined && (
        <form onSubmit={read}>
          <p>{t("help_back.words")}</p>
          <PassedText label={t("help_back.request")} value={text} error={error} onChange={setText} />
          <div className="buttons end">
            <Button onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" tone="main" busy={busy} disabled={text.trim() === ""}>
              {t("help_back.read")}
            </Button>
          </div>
        </form>
      )}
      {request !== undefined && released === undefined && (
        <>
          <p>{t("help_back.whose", { name })}</p>
          <p className="digits small mono" data-testid="request-fingerprint">
            {request.fingerprint}
          </p>
          <Banner tone="warn">{t("help_back.compare", { name })}</Banner>
          {error !== undefined && <Banner tone="bad">{error}</Banner>}
          <div className="buttons end">
            <Button onClick={onClose}>{t("help_back.not_them")}</Button>
            <Button tone="main" busy={busy} onClick={() => void attempt(async () => setReleased(await app.call("recovery.release", { request: text })))}>
              {t("help_back.same")}
            </Button>
          </div>
        </>
      )}
      {released !== undefined && (
        <>
          {released.share ? (
            <>
              <p>{t("help_back.give", { name })}</p>
              <TextToPass text={released.share} label={t("help_back.share")} file={`share for ${name}.txt`} />
            </>
          ) : (
            <Banner icon="clock">{t("help_back.later", { name, time: dateAndTime(num(released.not_before_ms), locale) })}</Banner>
          )}
          <div className="buttons end">
            <Button onClick={onClose}>{t("close")}</Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
