// Webhooks: programs behind an address that the agent tells of every event, signed, until they take it.
import { useState } from "react";
import type { Webhook } from "../api/types";
import { useWords } from "../i18n";
import { useCall } from "../settings/use_call";
import { useApp } from "../state/context";
import { num } from "../text/format";
import { excerpt, oneLine } from "../text/safe";
import { Banner, Button, Field, IconButton, Section, Spinner } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { Connect } from "./programs";

export function Webhooks() {
  const app = useApp();
  const { t } = useWords();
  const [list, setList, failure] = useCall("webhooks.list");
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Webhook | undefined>(undefined);
  return (
    <Section title={t("hooks.title")} hint={t("hooks.words")}>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      {list === undefined && failure === undefined && <Spinner label={t("connecting.wait")} />}
      {list !== undefined && (list.webhooks ?? []).length === 0 && <p>{t("hooks.none")}</p>}
      <ul className="plain-list">
        {(list?.webhooks ?? []).map((each) => (
          <li key={each.name}>
            <Icon name="link" />
            <span className="member-words">
              <bdi>{oneLine(each.name)}</bdi>
              <bdi className="hint mono">{oneLine(each.url, 120)}</bdi>
              <Standing hook={each} />
            </span>
            <IconButton icon="trash" label={t("hooks.remove", { name: oneLine(each.name) })} onClick={() => setRemoving(each)} />
          </li>
        ))}
      </ul>
      <Button icon="plus" onClick={() => setAdding(true)}>
        {t("hooks.add")}
      </Button>
      {adding && (
        <AddWebhook
          onClose={() => {
            setAdding(false);
            app.call("webhooks.list", {}).then(setList, () => undefined);
          }}
        />
      )}
      {removing !== undefined && (
        <Confirm
          title={t("hooks.remove", { name: oneLine(removing.name) })}
          action={t("remove")}
          danger
          onClose={() => setRemoving(undefined)}
          onConfirm={async () => {
            const next = await app.attempt("webhooks.remove", { name: removing.name ?? "" });
            if (next !== undefined) setList(next);
          }}
        >
          <p>{t("hooks.remove_words")}</p>
        </Confirm>
      )}
    </Section>
  );
}

function Standing({ hook }: { hook: Webhook }) {
  const { t, n } = useWords();
  const failures = hook.failures ?? 0;
  if (failures === 0) {
    return (
      <span className="standing good">
        <Icon name="check" size={14} /> {t(num(hook.acknowledged) > 0 ? "hooks.good" : "hooks.new")}
      </span>
    );
  }
  return (
    <span className="standing bad">
      <Icon name="warning" size={14} /> {n("hooks.failures", failures)} {excerpt(hook.last_failure, 200)}
    </span>
  );
}

function AddWebhook({ onClose }: { onClose: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  return (
    <Connect
      title={t("hooks.add")}
      secretLabel={t("hooks.secret")}
      after={<p>{t("hooks.secret_words")}</p>}
      ready={name.trim() !== "" && url.trim() !== ""}
      submit={async () => (await app.call("webhooks.add", { name: name.trim(), url: url.trim() })).secret ?? ""}
      onClose={onClose}
    >
      <Banner tone="warn">{t("hooks.add_words")}</Banner>
      <Field label={t("hooks.name")} name="hook-name" autoFocus maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
      <Field label={t("hooks.url")} name="hook-url" type="url" placeholder="https://example.org/sotto" value={url} hint={t("hooks.url_hint")} onChange={(event) => setUrl(event.target.value)} />
    </Connect>
  );
}
