// Names under which people find the account, its password, the end of it.
import { type FormEvent, useState } from "react";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { describe } from "../transport/transport";
import { Banner, Button, Field, IconButton, Section } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { useCall } from "./use_call";

export function Profile() {
  const app = useApp();
  const { t } = useWords();
  const status = useAppState((state) => state.status);
  const changed = useAppState((state) => state.handlesChanged);
  const [handles, setHandles, failure] = useCall("account.handles", changed);
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [proving, setProving] = useState<string | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const [removing, setRemoving] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const answer = proving === undefined ? await app.call("account.add_handle", { handle: name.trim() }) : await app.call("account.prove_handle", { handle: proving, code: code.trim() });
      if (answer.code_sent_to !== undefined && answer.code_sent_to !== "") setProving(answer.code_sent_to);
      else {
        setProving(undefined);
        setCode("");
        setName("");
        setHandles(answer);
      }
    } catch (reason) {
      setError(describe(reason));
    }
    setBusy(false);
  };

  return (
    <>
      <Section title={t("handles.title")} hint={t("handles.words")}>
        {failure !== undefined && <Banner tone="warn">{failure}</Banner>}
        <ul className="plain-list">
          {(handles?.handles ?? (status?.handle !== undefined ? [status.handle] : [])).map((each) => (
            <li key={each}>
              <bdi>{each}</bdi>
              <IconButton icon="trash" label={t("handles.remove", { name: each })} onClick={() => setRemoving(each)} />
            </li>
          ))}
        </ul>
        <form className="inline-form" onSubmit={(event) => void add(event)}>
          {proving === undefined ? (
            <Field label={t("handles.add")} name="handle" autoCapitalize="none" value={name} hint={t("handles.add_hint")} error={error} onChange={(event) => setName(event.target.value)} />
          ) : (
            <Field label={t("handles.code", { name: proving })} name="code" inputMode="numeric" value={code} error={error} onChange={(event) => setCode(event.target.value)} />
          )}
          <Button type="submit" busy={busy} disabled={proving === undefined ? name.trim() === "" : code.trim() === ""}>
            {t(proving === undefined ? "add" : "handles.prove")}
          </Button>
        </form>
      </Section>
      <Password />
      <LockAndLeave />
      {removing !== undefined && (
        <Confirm
          title={t("handles.remove", { name: removing })}
          action={t("remove")}
          danger
          onClose={() => setRemoving(undefined)}
          onConfirm={async () => {
            const answer = await app.attempt("account.remove_handle", { handle: removing });
            if (answer !== undefined) setHandles(answer);
          }}
        >
          <p>{t("handles.remove_words")}</p>
        </Confirm>
      )}
    </>
  );
}

function Password() {
  const app = useApp();
  const { t } = useWords();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (password !== again) return setError(t("profile.differ"));
    setBusy(true);
    setError(undefined);
    try {
      await app.call("account.set_password", { password });
      setPassword("");
      setAgain("");
      app.toast(t("password.set"), "good");
    } catch (reason) {
      setError(describe(reason));
    }
    setBusy(false);
  };
  return (
    <Section title={t("password.title")} hint={t("password.words")}>
      <form onSubmit={(event) => void save(event)}>
        <Field label={t("password.new")} type="password" name="password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        <Field label={t("password.again")} type="password" name="password-again" autoComplete="new-password" value={again} error={error} onChange={(event) => setAgain(event.target.value)} />
        <div className="buttons">
          <Button type="submit" busy={busy} disabled={password === ""}>
            {t("password.save")}
          </Button>
          <Button tone="quiet" onClick={() => void app.attempt("account.remove_password", {}).then((done) => done !== undefined && app.toast(t("password.removed"), "good"))}>
            {t("password.remove")}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function LockAndLeave() {
  const app = useApp();
  const { t } = useWords();
  const [ending, setEnding] = useState<"device" | "account" | undefined>(undefined);
  return (
    <>
      <Section title={t("lock.title")} hint={t("lock.words")}>
        <Button
          icon="lock"
          onClick={() =>
            void app.attempt("profile.lock", {}).then((profile) => {
              if (profile !== undefined) void app.refreshProfile(profile);
            })
          }
        >
          {t("lock.action")}
        </Button>
      </Section>
      <Section title={t("leave.title")} hint={t("leave.words")}>
        <div className="buttons">
          <Button onClick={() => setEnding("device")}>{t("leave.device")}</Button>
          <Button tone="danger" onClick={() => setEnding("account")}>
            {t("leave.account")}
          </Button>
        </div>
      </Section>
      {ending !== undefined && (
        <Confirm
          title={t(ending === "device" ? "leave.device" : "leave.account")}
          action={t(ending === "device" ? "leave.device" : "leave.account")}
          danger
          onClose={() => setEnding(undefined)}
          onConfirm={async () => {
            if ((await app.attempt("account.deregister", { account: ending === "account" })) !== undefined) await app.refreshProfile();
          }}
        >
          <p>{t(ending === "device" ? "leave.device_words" : "leave.account_words")}</p>
        </Confirm>
      )}
    </>
  );
}
