// Ways back into the account when every device is gone.
import { type FormEvent, type ReactNode, useState } from "react";
import { PeopleField } from "../conversations/people_field";
import { useWords } from "../i18n";
import { MakeRecoveryKey } from "../setup/recovery_key";
import { useApp, useAppState } from "../state/context";
import { dateAndTime, num } from "../text/format";
import { describe } from "../transport/transport";
import { Banner, Button, Choice, Field, Section, Spinner } from "../ui/controls";
import { Confirm, Dialog } from "../ui/dialog";
import { HelpBack } from "./help_back";
import { useCall } from "./use_call";

/** For so long a use of the shares is shown before it counts. */
const kDelaySeconds = 72 * 3600;

export function RecoverySection() {
  const app = useApp();
  const { t, n, locale } = useWords();
  // A contact that is asked for its share is told of by a notice.
  const [status, setStatus, failure] = useCall("recovery.status", useAppState((state) => state.notices));
  const [doing, setDoing] = useState<"make" | "drill" | "contacts" | "help" | "remove" | undefined>(undefined);
  const again = (): void => {
    app.call("recovery.status", {}).then(setStatus, () => undefined);
  };
  if (status === undefined) return failure === undefined ? <Spinner label={t("connecting.wait")} /> : <Banner tone="bad">{failure}</Banner>;
  const ways = status.independent_ways ?? 0;
  const asked = status.asked ?? 0;
  const refuse = async (): Promise<void> => {
    const next = await app.attempt("recovery.refuse", {});
    if (next === undefined) return;
    setStatus(next);
    app.toast(t("recovery.refused"), "good");
  };
  return (
    <>
      {asked > 0 && (
        <Banner tone="bad" action={<Button onClick={() => void refuse()}>{t("recovery.refuse")}</Button>}>
          {n("recovery.asked", asked)}
        </Banner>
      )}
      <Banner tone={ways > 1 ? "good" : "warn"}>{n("recovery.ways", ways)}</Banner>
      <Section title={t("recovery.key_title")} hint={t("recovery.key_words")}>
        <p>
          {status.key === true
            ? num(status.key_drilled_ms) > 0
              ? t("recovery.key_there", { time: dateAndTime(num(status.key_drilled_ms), locale) })
              : t("recovery.key_there_undrilled")
            : t("recovery.key_missing")}
        </p>
        <div className="buttons">
          <Button tone={status.key === true ? "plain" : "main"} icon="key" onClick={() => setDoing("make")}>
            {t(status.key === true ? "recovery.replace" : "recovery.make")}
          </Button>
          {status.key === true && <Button onClick={() => setDoing("drill")}>{t("recovery.drill")}</Button>}
          {status.key === true && (
            <Button tone="quiet" onClick={() => setDoing("remove")}>
              {t("remove")}
            </Button>
          )}
        </div>
      </Section>
      <Section title={t("recovery.contacts_title")} hint={t("recovery.contacts_words")}>
        <p>
          {(status.threshold ?? 0) > 0
            ? t("recovery.contacts_there", { threshold: status.threshold ?? 0, contacts: status.contacts ?? 0, confirmed: status.contacts_confirmed ?? 0 })
            : t("recovery.contacts_missing")}
        </p>
        <div className="buttons">
          <Button disabled={status.key !== true} onClick={() => setDoing("contacts")}>
            {t("recovery.contacts_choose")}
          </Button>
          {(status.threshold ?? 0) > 0 && (
            <Button onClick={() => void app.attempt("recovery.drill_contacts", {}).then((next) => next !== undefined && setStatus(next))}>{t("recovery.contacts_drill")}</Button>
          )}
        </div>
      </Section>
      <Section title={t("help_back.title")} hint={t("help_back.hint")}>
        <div className="buttons">
          <Button onClick={() => setDoing("help")}>{t("help_back.action")}</Button>
        </div>
      </Section>
      {doing === "help" && <HelpBack onClose={() => setDoing(undefined)} />}
      {doing === "make" && (
        <Dialog title={t("recovery.key_title")} onClose={() => setDoing(undefined)}>
          <MakeRecoveryKey
            laterLabel={t("cancel")}
            onLater={() => setDoing(undefined)}
            onDone={() => {
              setDoing(undefined);
              again();
            }}
          />
        </Dialog>
      )}
      {doing === "drill" && <Drill onClose={() => setDoing(undefined)} onDone={again} />}
      {doing === "contacts" && <Contacts onClose={() => setDoing(undefined)} onDone={again} />}
      {doing === "remove" && (
        <Confirm
          title={t("recovery.remove")}
          action={t("remove")}
          danger
          onClose={() => setDoing(undefined)}
          onConfirm={async () => {
            const next = await app.attempt("recovery.remove", {});
            if (next !== undefined) setStatus(next);
          }}
        >
          <p>{t("recovery.remove_words")}</p>
        </Confirm>
      )}
    </>
  );
}

/** A window in which the recovery key is typed for something to be done with it. */
function WithKey({
  title,
  words,
  action,
  ready = true,
  done,
  submit,
  onDone,
  onClose,
  children,
}: {
  title: string;
  words: string;
  action: string;
  ready?: boolean;
  done: string;
  submit: (key: string) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const app = useApp();
  const { t } = useWords();
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const take = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await submit(key.trim());
      app.toast(done, "good");
      onDone();
      onClose();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void take(event)}>
        <p>{words}</p>
        {children}
        <Field label={t("recover.key")} name="key" className="mono" autoFocus={children === undefined} value={key} error={error} onChange={(event) => setKey(event.target.value)} />
        <div className="buttons end">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" tone="main" busy={busy} disabled={!ready || key.trim() === ""}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Drill({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const app = useApp();
  const { t } = useWords();
  return (
    <WithKey
      title={t("recovery.drill")}
      words={t("recovery.drill_words")}
      action={t("recovery.check")}
      done={t("recovery.drilled")}
      submit={(key) => app.call("recovery.drill_key", { key })}
      onDone={onDone}
      onClose={onClose}
    />
  );
}

function Contacts({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const [people, setPeople] = useState<string[]>([]);
  const [threshold, setThreshold] = useState("2");
  return (
    <WithKey
      title={t("recovery.contacts_title")}
      words={t("recovery.contacts_how")}
      action={t("save")}
      ready={people.length >= 2}
      done={t("recovery.contacts_set")}
      submit={(key) => app.call("recovery.set_contacts", { key, contacts: people, threshold: Number(threshold), delay_s: String(kDelaySeconds) })}
      onDone={onDone}
      onClose={onClose}
    >
      <PeopleField value={people} onChange={setPeople} />
      <Choice
        label={t("recovery.threshold")}
        value={threshold}
        onChange={setThreshold}
        options={["2", "3", "4", "5"].filter((each) => Number(each) <= Math.max(2, people.length)).map((each) => ({ value: each, label: each }))}
      />
    </WithKey>
  );
}
