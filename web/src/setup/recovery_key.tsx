// Making the recovery key: shown once, printed or written down, typed in again. Used at the first run and in settings.
import { type FormEvent, useState } from "react";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { describe } from "../transport/transport";
import { Banner, Button, Field, Spinner } from "../ui/controls";
import { SetupFrame } from "./frame";

export function MakeRecoveryKey({ onDone, onLater, laterLabel }: { onDone: () => void; onLater: () => void; laterLabel: string }) {
  const { t, locale } = useWords();
  const app = useApp();
  const status = useAppState((state) => state.status);
  const [key, setKey] = useState<string | undefined>(undefined);
  const [typing, setTyping] = useState(false);
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const make = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      setKey((await app.call("recovery.make_key", {})).key);
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };

  const confirm = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await app.call("recovery.confirm_key", { key: typed.trim() });
      app.toast(t("recovery.made"), "good");
      onDone();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };

  if (key === undefined) {
    return (
      <>
        <ul className="promises">
          <li>{t("recovery.why")}</li>
          <li>{t("recovery.once")}</li>
          <li>{t("recovery.nobody")}</li>
        </ul>
        {error !== undefined && <Banner tone="bad">{error}</Banner>}
        <div className="buttons">
          <Button onClick={onLater}>{laterLabel}</Button>
          <Button tone="main" icon="key" busy={busy} onClick={() => void make()}>
            {t("recovery.make")}
          </Button>
        </div>
      </>
    );
  }
  if (!typing) {
    return (
      <>
        <div className="sheet">
          <h2>{t("recovery.sheet_title")}</h2>
          <p>{t("recovery.sheet_words")}</p>
          <p className="recovery-key" data-testid="recovery-key">
            {key}
          </p>
          <dl>
            <dt>{t("account.username")}</dt>
            <dd>{status?.handle ?? ""}</dd>
            <dt>{t("server.address")}</dt>
            <dd>{status?.server ?? ""}</dd>
            <dt>{t("recovery.date")}</dt>
            <dd>{new Date().toLocaleDateString(locale)}</dd>
          </dl>
        </div>
        <div className="buttons">
          <Button onClick={() => window.print()}>{t("recovery.print")}</Button>
          <Button tone="main" onClick={() => setTyping(true)}>
            {t("recovery.have_it")}
          </Button>
        </div>
      </>
    );
  }
  return (
    <form onSubmit={(event) => void confirm(event)}>
      <p>{t("recovery.type_again")}</p>
      <Field label={t("recover.key")} name="key" className="mono" autoFocus value={typed} onChange={(event) => setTyped(event.target.value)} error={error} />
      {busy && <Spinner label={t("recovery.checking")} />}
      <div className="buttons">
        <Button onClick={() => setTyping(false)}>{t("recovery.show_again")}</Button>
        <Button type="submit" tone="main" busy={busy} disabled={typed.trim() === ""}>
          {t("recovery.confirm")}
        </Button>
      </div>
    </form>
  );
}

export function FirstRecoveryKey() {
  const { t } = useWords();
  const app = useApp();
  const done = (): void => app.state.patch({ justRegistered: false });
  return (
    <SetupFrame title={t("recovery.first_title")} lead={t("recovery.first_lead")} step={{ at: 3, of: 3 }}>
      <MakeRecoveryKey onDone={done} onLater={done} laterLabel={t("recovery.later")} />
    </SetupFrame>
  );
}
