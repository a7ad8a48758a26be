// Everything about one conversation that is not a message.
import { useEffect, useState } from "react";
import type { Contact, Conversation, SettingsRequest } from "../api/types";
import { ConversationAvatar } from "../conversations/avatar";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { go } from "../state/route";
import { contactName, conversationName, dateAndTime, grouped, num, phoneNumber } from "../text/format";
import { Banner, Button, Choice, Field, IconButton, Section, Spinner, Switch } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { Verify } from "../verify/verify";
import { FilesHere } from "./files_here";
import { GroupSection } from "./group";
import { PhotoElsewhere } from "./group_photo";
import { ChannelBadge, SecurityFacts, isVerified } from "./security";
import { Report } from "./report";
import { SmsOffer, SmsSection } from "./sms";
import { TimerChoice } from "./timer";

export function Details({ conversation }: { conversation: string }) {
  const app = useApp();
  const { t } = useWords();
  const record = useAppState((state) => state.conversations.get(conversation));
  if (record === undefined) return <Spinner label={t("conversation.opening")} />;
  const name = conversationName(record, t("notes"));
  const change = async (part: Omit<SettingsRequest, "conversation">): Promise<void> => {
    const next = await app.attempt("conversations.change_settings", { conversation, ...part });
    if (next !== undefined) app.putConversation(next);
  };
  return (
    <div className="details">
      <header className="details-header">
        <IconButton icon="close" label={t("details.close")} onClick={() => go({ page: "conversation", conversation })} />
      </header>
      <div className="details-top">
        <ConversationAvatar record={record} name={name} size="large" />
        <h2>
          <bdi>{name}</bdi>
        </h2>
        {record.contact?.handle !== undefined && record.contact.handle !== name && <bdi className="hint">{record.contact.handle}</bdi>}
        <ChannelBadge record={record} />
        <PhotoElsewhere conversation={conversation} />
      </div>
      {record.kind === "GROUP" && <GroupSection group={conversation.replace(/^#/, "")} />}
      {record.kind === "SMS" && <SmsSection record={record} />}
      {(record.kind ?? "DIRECT") === "DIRECT" && <PersonSection record={record} name={name} change={change} />}
      {record.security !== undefined && record.kind !== "NOTES" && (
        <Section title={t("security.title")}>
          <SecurityFacts security={record.security} group={record.kind === "GROUP"} />
        </Section>
      )}
      <SettingsSection record={record} change={change} />
      <FilesHere conversation={conversation} />
    </div>
  );
}

function PersonSection({ record, name, change }: { record: Conversation; name: string; change: (part: { name?: string; blocked?: boolean }) => Promise<void> }) {
  const app = useApp();
  const { t, locale } = useWords();
  const [verifying, setVerifying] = useState(false);
  const [blocking, setBlocking] = useState(false);
  const [withdrawing, setWithdrawing] = useState(false);
  const [reporting, setReporting] = useState(false);
  const [own, setOwn] = useState(record.settings?.name ?? "");
  const [contact, setContact] = useState<Contact | undefined>(record.contact);
  const who = record.contact?.handle || record.contact?.account || "";
  const blocked = record.settings?.blocked === true;
  const verified = isVerified(record.security);
  const number = phoneNumber(who);

  useEffect(() => {
    app.call("contacts.get", { contact: who }).then(setContact, () => undefined);
  }, [app, who, record]);

  return (
    <>
      <div className="buttons wide">
        <Button icon={verified ? "shield_check" : "shield"} tone={verified ? "plain" : "main"} onClick={() => setVerifying(true)}>
          {t(verified ? "verify.again" : "verify.action")}
        </Button>
        {number !== undefined && <SmsOffer number={number} />}
        <Button icon="block" onClick={() => (blocked ? void change({ blocked: false }) : setBlocking(true))}>
          {t(blocked ? "block.undo" : "block.action")}
        </Button>
        <Button icon="flag" onClick={() => setReporting(true)}>
          {t("report.action")}
        </Button>
      </div>
      {contact?.log_proof === "DISPUTED" && <Banner tone="bad">{t("proof.disputed")}</Banner>}
      {contact?.log_proof === "REFUSED" && <Banner tone="bad">{t("proof.refused")}</Banner>}
      <Section title={t("person.title")}>
        <form
          className="inline-form"
          onSubmit={(event) => {
            event.preventDefault();
            void change({ name: own.trim() });
          }}
        >
          <Field label={t("person.name")} hint={t("person.name_hint")} name="name" value={own} placeholder={contactName(record.contact)} onChange={(event) => setOwn(event.target.value)} />
          {own !== (record.settings?.name ?? "") && <Button type="submit">{t("save")}</Button>}
        </form>
        <details className="more-fields">
          <summary>{t("person.keys")}</summary>
          <dl className="facts">
            <dt>{t("person.fingerprint")}</dt>
            <dd className="mono">{grouped(contact?.fingerprint ?? "", 4)}</dd>
            {num(contact?.verified_ms) > 0 && (
              <>
                <dt>{t("person.verified")}</dt>
                <dd>{dateAndTime(num(contact?.verified_ms), locale)}</dd>
              </>
            )}
            <dt>{t("person.devices")}</dt>
            <dd>{(contact?.devices ?? []).length}</dd>
          </dl>
          {verified && <Button onClick={() => setWithdrawing(true)}>{t("verify.withdraw")}</Button>}
        </details>
      </Section>
      {verifying && <Verify contact={who} name={name} onClose={() => setVerifying(false)} />}
      {reporting && <Report conversation={record.conversation ?? ""} name={name} onClose={() => setReporting(false)} />}
      {blocking && (
        <Confirm title={t("block.title", { name })} action={t("block.action")} danger onClose={() => setBlocking(false)} onConfirm={() => change({ blocked: true })}>
          <p>{t("block.words")}</p>
        </Confirm>
      )}
      {withdrawing && (
        <Confirm
          title={t("verify.withdraw")}
          action={t("verify.withdraw")}
          onClose={() => setWithdrawing(false)}
          onConfirm={async () => {
            await app.attempt("contacts.withdraw_verification", { contact: who });
            app.refreshConversation(record.conversation ?? "");
          }}
        >
          <p>{t("verify.withdraw_words", { name })}</p>
        </Confirm>
      )}
    </>
  );
}

function SettingsSection({ record, change }: { record: Conversation; change: (part: Omit<SettingsRequest, "conversation">) => Promise<void> }) {
  const app = useApp();
  const { t } = useWords();
  const settings = record.settings ?? {};
  const conversation = record.conversation ?? "";
  const muted = num(settings.muted_until_ms);
  const sms = record.kind === "SMS";
  const notes = record.kind === "NOTES";
  const hours = { "0": 0, "1": 1, "8": 8, "168": 168, always: 24 * 365 * 10 } as const;
  const mute = muted <= Date.now() ? "0" : muted > Date.now() + 24 * 365 * 3600_000 ? "always" : "8";
  return (
    <Section title={t("conversation.settings")}>
      <Switch label={t("list.pin")} checked={settings.pinned === true} onChange={(pinned) => void change({ pinned })} />
      {!notes && (
        <Choice
          label={t("mute.title")}
          value={mute}
          options={[
            { value: "0", label: t("mute.off") },
            { value: "1", label: t("mute.1h") },
            { value: "8", label: t("mute.8h") },
            { value: "168", label: t("mute.1w") },
            { value: "always", label: t("mute.always") },
          ]}
          onChange={(next) => void change({ muted_until_ms: next === "0" ? "0" : String(Date.now() + hours[next as keyof typeof hours] * 3600_000) })}
        />
      )}
      {!sms && !notes && (
        <>
          <Switch label={t("receipts.read")} hint={t("receipts.read_hint")} checked={settings.read_receipts === true} onChange={(read_receipts) => void change({ read_receipts })} />
          <Switch label={t("receipts.delivery")} checked={settings.delivery_receipts === true} onChange={(delivery_receipts) => void change({ delivery_receipts })} />
          <Switch label={t("receipts.typing")} checked={settings.typing === true} onChange={(typing) => void change({ typing })} />
        </>
      )}
      {!sms && (
        <TimerChoice
          value={num(settings.timer_s)}
          onChange={(seconds) =>
            void app.attempt("conversations.set_timer", { conversation, seconds: String(seconds) }).then((next) => {
              if (next !== undefined) app.putConversation(next);
            })
          }
        />
      )}
    </Section>
  );
}
