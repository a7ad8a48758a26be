// Apps of this device (docs/specs/apps.md): which there are, what each sees and may do, and the end of one.
import { useState } from "react";
import type { ConnectedApp } from "../api/types";
import { useWords } from "../i18n";
import { useCall } from "../settings/use_call";
import { useApp, useAppState } from "../state/context";
import { conversationName, dateAndTime, num } from "../text/format";
import { Banner, Button, Field, IconButton, Section, Spinner, Switch } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { Connect } from "./programs";

export function Apps() {
  const app = useApp();
  const { t } = useWords();
  const [list, setList, failure] = useCall("apps.list");
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<ConnectedApp | undefined>(undefined);
  const again = (): void => {
    app.call("apps.list", {}).then(setList, () => undefined);
  };
  const change = (part: object): void => {
    void app.attempt("apps.change_grants", part).then((done) => done !== undefined && again());
  };
  return (
    <Section title={t("apps.title")} hint={t("apps.words")}>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      {list === undefined && failure === undefined && <Spinner label={t("connecting.wait")} />}
      {list !== undefined && (list.apps ?? []).length === 0 && <p>{t("apps.none")}</p>}
      {(list?.apps ?? []).map((each) => (
        <OneApp key={each.name} app={each} onChange={change} onRemove={() => setRemoving(each)} />
      ))}
      <Button tone="main" icon="plus" onClick={() => setAdding(true)}>
        {t("apps.add")}
      </Button>
      {adding && (
        <AddApp
          onClose={() => {
            setAdding(false);
            again();
          }}
        />
      )}
      {removing !== undefined && (
        <Confirm
          title={t("apps.remove", { name: removing.name ?? "" })}
          action={t("remove")}
          danger
          onClose={() => setRemoving(undefined)}
          onConfirm={async () => {
            const next = await app.attempt("apps.remove", { name: removing.name ?? "" });
            if (next !== undefined) setList(next);
          }}
        >
          <p>{t("apps.remove_words")}</p>
        </Confirm>
      )}
    </Section>
  );
}

function OneApp({ app, onChange, onRemove }: { app: ConnectedApp; onChange: (part: object) => void; onRemove: () => void }) {
  const { t, n, locale } = useWords();
  const conversations = useAppState((state) => state.conversations);
  const name = app.name ?? "";
  const hears = app.hears ?? [];
  // Text messages are never told to apps, and notes always are the user's alone.
  const others = [...conversations.values()].filter((each) => each.kind !== "SMS" && each.kind !== "NOTES" && !hears.includes(each.conversation ?? ""));
  const titled = (id: string): string => conversationName(conversations.get(id), t("notes")) || id;
  return (
    <article className="program" aria-label={name}>
      <header>
        <Icon name="apps" size={24} />
        <span className="member-words">
          <strong className="mono">/{name}</strong>
          <span className="hint">{t("apps.since", { time: dateAndTime(num(app.added_ms), locale) })}</span>
        </span>
        <IconButton icon="trash" label={t("apps.remove", { name })} onClick={onRemove} />
      </header>
      <ul className="promises">
        <li>{t("apps.sees", { name })}</li>
        <li>{t("apps.sees_not")}</li>
      </ul>
      {(num(app.waiting) > 0 || num(app.lost) > 0) && (
        <p className="hint">
          {num(app.waiting) > 0 && n("apps.waiting", num(app.waiting))}
          {num(app.lost) > 0 && <> {n("apps.lost", num(app.lost))}</>}
        </p>
      )}
      <Switch label={t("apps.send")} hint={t("apps.send_hint", { name })} checked={app.may_send === true} onChange={(may_send) => onChange({ name, may_send })} />
      <h4>{t("apps.hears")}</h4>
      <p className="hint">{t("apps.hears_hint", { name })}</p>
      {hears.length > 0 && (
        <ul className="chips">
          {hears.map((each) => (
            <li key={each} className="chip">
              <bdi>{titled(each)}</bdi>
              <IconButton icon="close" size={14} label={t("apps.not_hear", { name: titled(each) })} onClick={() => onChange({ name, not_hear: [each] })} />
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <select aria-label={t("apps.hear", { name })} value="" onChange={(event) => event.target.value !== "" && onChange({ name, hear: [event.target.value] })}>
          <option value="">{t("apps.hear_choose")}</option>
          {others.slice(0, 500).map((each) => (
            <option key={each.conversation} value={each.conversation}>
              {titled(each.conversation ?? "")}
            </option>
          ))}
        </select>
      )}
    </article>
  );
}

function AddApp({ onClose }: { onClose: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const [name, setName] = useState("");
  const [maySend, setMaySend] = useState(false);
  const wrong = name !== "" && !/^[a-z][a-z0-9-]{0,31}$/.test(name);
  return (
    <Connect
      title={t("apps.add")}
      secretLabel={t("apps.token")}
      after={<p>{t("apps.token_words")}</p>}
      ready={name !== "" && !wrong}
      submit={async () => (await app.call("apps.add", { name, may_send: maySend })).token ?? ""}
      onClose={onClose}
    >
      <p>{t("apps.add_words")}</p>
      <Field
        label={t("apps.name")}
        name="app-name"
        autoFocus
        autoCapitalize="none"
        value={name}
        hint={t("apps.name_hint", { name: wrong || name === "" ? "weather" : name })}
        error={wrong ? t("apps.name_wrong") : undefined}
        onChange={(event) => setName(event.target.value.trim().toLowerCase())}
      />
      <Switch label={t("apps.send")} hint={t("apps.send_hint", { name: name || "weather" })} checked={maySend} onChange={setMaySend} />
    </Connect>
  );
}
