// The passphrase of this device: made at the first run, asked for afterwards.
import { type FormEvent, useState } from "react";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { describe } from "../transport/transport";
import { Banner, Button, Field } from "../ui/controls";
import { SetupFrame } from "./frame";

const kShortest = 8;

export function CreateProfile() {
  const { t } = useWords();
  const app = useApp();
  const [welcome, setWelcome] = useState(true);
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (passphrase.length < kShortest) return setError(t("profile.short", { count: kShortest }));
    if (passphrase !== again) return setError(t("profile.differ"));
    setBusy(true);
    setError(undefined);
    try {
      await app.refreshProfile(await app.call("profile.create", { passphrase }));
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };

  if (welcome) {
    return (
      <SetupFrame title={t("welcome.title")} lead={t("welcome.lead")}>
        <ul className="promises">
          <li>{t("welcome.private")}</li>
          <li>{t("welcome.own")}</li>
          <li>{t("welcome.check")}</li>
        </ul>
        <Button tone="main" autoFocus onClick={() => setWelcome(false)}>
          {t("welcome.begin")}
        </Button>
      </SetupFrame>
    );
  }
  return (
    <SetupFrame title={t("profile.create_title")} lead={t("profile.create_lead")} step={{ at: 1, of: 3 }}>
      <form onSubmit={(event) => void create(event)}>
        <Field label={t("profile.passphrase")} type="password" name="passphrase" autoComplete="new-password" autoFocus value={passphrase} onChange={(event) => setPassphrase(event.target.value)} hint={t("profile.hint")} />
        <Field label={t("profile.again")} type="password" name="again" autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} error={error} />
        <Banner tone="warn">{t("profile.no_reset")}</Banner>
        <Button type="submit" tone="main" busy={busy} disabled={passphrase === ""}>
          {t("continue")}
        </Button>
      </form>
    </SetupFrame>
  );
}

export function Unlock() {
  const { t } = useWords();
  const app = useApp();
  const [passphrase, setPassphrase] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const unlock = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await app.refreshProfile(await app.call("profile.unlock", { passphrase }));
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };

  return (
    <SetupFrame title={t("unlock.title")} lead={t("unlock.lead")}>
      <form onSubmit={(event) => void unlock(event)}>
        <Field label={t("profile.passphrase")} type="password" name="passphrase" autoComplete="current-password" autoFocus value={passphrase} onChange={(event) => setPassphrase(event.target.value)} error={error} />
        <Button type="submit" tone="main" icon="open_lock" busy={busy} disabled={passphrase === ""}>
          {t("unlock.action")}
        </Button>
      </form>
    </SetupFrame>
  );
}
