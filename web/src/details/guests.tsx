// Guests of a group: people without an account who take part by text messages. Whoever brings one in is told first what
// that means, and everybody in the group sees it of every message.
import { type FormEvent, useState } from "react";
import type { Group, Guest } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { personName, phoneNumber } from "../text/format";
import { oneLine } from "../text/safe";
import { describe } from "../transport/transport";
import { Avatar } from "../ui/avatar";
import { Banner, Button, Field, IconButton, Section, Switch } from "../ui/controls";
import { Confirm, Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";

export function GuestSection({ group, admin, account, onChange }: { group: Group; admin: boolean; account: string | undefined; onChange: (group: Group | undefined) => void }) {
  const app = useApp();
  const { t } = useWords();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Guest | undefined>(undefined);
  const guests = group.guests ?? [];
  const member = group.member === true;
  if (guests.length === 0 && (group.guests_allowed !== true || !member)) return null;
  const called = (guest: Guest): string => oneLine(guest.name) || oneLine(guest.number);
  return (
    <Section title={t("guest.title")} hint={t("guest.words")}>
      {guests.length === 0 && <p>{t("guest.none")}</p>}
      <ul className="members">
        {guests.map((each) => (
          <li key={each.number}>
            <Avatar name={each.name ?? ""} id={each.number ?? ""} kind="sms" size="small" />
            <span className="member-words">
              <span className="guest-name">
                <bdi>{called(each)}</bdi>
                <span className="tag green" title={t("channel.sms")}>
                  <Icon name="open_lock" size={12} /> {t("channel.sms_short")}
                  <span className="only-read">, {t("channel.sms_read")}</span>
                </span>
              </span>
              <span className="hint">
                {each.sponsor_account === account
                  ? t("guest.yours", { number: oneLine(each.number) })
                  : t("guest.brought", { number: oneLine(each.number), name: personName(each.sponsor) })}
              </span>
            </span>
            {member && (admin || each.sponsor_account === account) && <IconButton icon="close" label={t("guest.remove", { name: called(each) })} onClick={() => setRemoving(each)} />}
          </li>
        ))}
      </ul>
      {member && group.guests_allowed === true && (
        <Button icon="plus" onClick={() => setAdding(true)}>
          {t("guest.add")}
        </Button>
      )}
      {adding && <AddGuest group={group.group ?? ""} onChange={onChange} onClose={() => setAdding(false)} />}
      {removing !== undefined && (
        <Confirm
          title={t("guest.remove", { name: called(removing) })}
          action={t("remove")}
          danger
          onClose={() => setRemoving(undefined)}
          onConfirm={async () => onChange(await app.attempt("groups.remove", { group: group.group ?? "", people: [`sms:${removing.number ?? ""}`] }))}
        >
          <p>{t("guest.remove_words")}</p>
        </Confirm>
      )}
    </Section>
  );
}

function AddGuest({ group, onChange, onClose }: { group: string; onChange: (group: Group | undefined) => void; onClose: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const [understood, setUnderstood] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const number = phoneNumber(typed);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (number === undefined) return;
    setBusy(true);
    setFailure(undefined);
    let allowedNow = false;
    try {
      const known = ((await app.call("sms.list", {})).permissions ?? []).find((each) => each.number === number);
      if (known?.allowed !== true) {
        await app.call("sms.allow", { number });
        allowedNow = true;
      }
      onChange(await app.call("groups.add", { group, people: [`sms:${number}`], name: name.trim() }));
      onClose();
    } catch (error) {
      // What was allowed for this alone is not left behind.
      if (allowedNow) await app.call("sms.forbid", { number }).catch(() => undefined);
      setFailure(describe(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={t("guest.add_title")} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <Banner tone="warn" icon="open_lock">
          {t("guest.add_words")}
        </Banner>
        <Field label={t("guest.name")} name="guest-name" autoFocus maxLength={64} value={name} hint={t("guest.name_hint")} onChange={(event) => setName(event.target.value)} />
        <Field
          label={t("guest.number")}
          name="guest-number"
          type="tel"
          placeholder="+46 70 111 22 33"
          value={typed}
          hint={t("guest.number_hint")}
          error={typed !== "" && number === undefined && understood ? t("guest.number_wrong") : undefined}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Switch label={t("guest.understood")} checked={understood} onChange={setUnderstood} />
        {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
        <div className="buttons end">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" tone="green" icon="open_lock" busy={busy} disabled={!understood || number === undefined || name.trim() === ""}>
            {t("guest.add_action")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
