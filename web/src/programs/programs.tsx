// Programs of others: apps, which see what is addressed to them, and webhooks, which are told of everything that happens.
// What each learns is said where it is connected; secrets are shown once.
import { type FormEvent, type ReactNode, useState } from "react";
import { useWords } from "../i18n";
import { describe } from "../transport/transport";
import { Banner, Button, IconButton } from "../ui/controls";
import { useCopy } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { Apps } from "./apps";
import { Webhooks } from "./webhooks";

export function Programs() {
  return (
    <>
      <Apps />
      <Webhooks />
    </>
  );
}

/** A secret that the client gives away once. */
export function Secret({ secret, label, children }: { secret: string; label: string; children: ReactNode }) {
  const { t } = useWords();
  const copy = useCopy();
  return (
    <>
      <Banner tone="warn" icon="key">
        {t("secret.once")}
      </Banner>
      <div className="invite">
        <code tabIndex={0} aria-label={label} data-testid="secret">
          {secret}
        </code>
        <IconButton icon="copy" label={t("secret.copy")} onClick={() => copy(secret)} />
      </div>
      {children}
    </>
  );
}

/** A window that asks for something to connect, and then shows the secret that came back. */
export function Connect({
  title,
  secretLabel,
  after,
  ready,
  submit,
  onClose,
  children,
}: {
  title: string;
  secretLabel: string;
  after: ReactNode;
  ready: boolean;
  /** Gives the secret. */
  submit: () => Promise<string>;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useWords();
  const [secret, setSecret] = useState<string | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const connect = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      setSecret(await submit());
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {secret !== undefined ? (
        <>
          <Secret secret={secret} label={secretLabel}>
            {after}
          </Secret>
          <div className="buttons end">
            <Button tone="main" autoFocus onClick={onClose}>
              {t("secret.kept")}
            </Button>
          </div>
        </>
      ) : (
        <form onSubmit={(event) => void connect(event)}>
          {children}
          {error !== undefined && <Banner tone="bad">{error}</Banner>}
          <div className="buttons end">
            <Button onClick={onClose}>{t("cancel")}</Button>
            <Button type="submit" tone="main" busy={busy} disabled={!ready}>
              {t("programs.connect")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
