// Beginning a conversation: with somebody by name or by the link they hand out, a group, or by a group's link.
import { type FormEvent, useState } from "react";
import { SmsOffer } from "../details/sms";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { go } from "../state/route";
import { phoneNumber } from "../text/format";
import { CallError, describe } from "../transport/transport";
import { Banner, Button, Field } from "../ui/controls";
import { Dialog } from "../ui/dialog";
import { PeopleField } from "./people_field";

const kContactLink = "SOTTO:CONTACT/";

export function NewConversation({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const app = useApp();
  const [kind, setKind] = useState<"person" | "group" | "join">("person");
  const [person, setPerson] = useState("");
  const [name, setName] = useState("");
  const [people, setPeople] = useState<string[]>([]);
  const [link, setLink] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  const [nobody, setNobody] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const begin = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    setNobody(undefined);
    try {
      if (kind === "person") {
        const typed = person.trim();
        const whose = typed.startsWith(kContactLink) ? (await app.call("contacts.use_link", { link: typed })).handle : undefined;
        const record = await app.call("conversations.open", { conversation: whose ?? typed });
        app.putConversation(record);
        go({ page: "conversation", conversation: record.conversation ?? whose ?? typed });
      } else if (kind === "group") {
        const group = await app.call("groups.create", { name: name.trim(), people });
        const conversation = `#${group.group ?? ""}`;
        app.putConversation(await app.call("conversations.get", { conversation }));
        go({ page: "conversation", conversation });
      } else {
        await app.call("groups.join", { link: link.trim() });
        app.toast(t("new.join_asked"), "good");
      }
      onClose();
    } catch (failure) {
      setError(describe(failure));
      // Nobody has the number as a name here; a text message may still reach it, if the user wants that.
      if (failure instanceof CallError && failure.code === "no_such_user" && kind === "person") setNobody(phoneNumber(person));
      setBusy(false);
    }
  };

  const ready = kind === "person" ? person.trim() !== "" : kind === "group" ? name.trim() !== "" && people.length > 0 : link.trim() !== "";
  return (
    <Dialog title={t("new.title")} onClose={onClose}>
      <div className="tabs" role="tablist" aria-label={t("new.title")}>
        {(["person", "group", "join"] as const).map((each) => (
          <button key={each} type="button" role="tab" aria-selected={kind === each} onClick={() => setKind(each)}>
            {t(`new.${each}`)}
          </button>
        ))}
      </div>
      <form onSubmit={(event) => void begin(event)}>
        {kind === "person" && <Field label={t("new.who")} name="person" autoFocus autoCapitalize="none" value={person} onChange={(event) => setPerson(event.target.value)} hint={t("new.who_hint")} error={error} />}
        {kind === "person" && nobody !== undefined && <SmsOffer number={nobody} onGone={onClose} />}
        {kind === "group" && (
          <>
            <Field label={t("group.name")} name="name" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
            <PeopleField value={people} onChange={setPeople} />
            {error !== undefined && <Banner tone="bad">{error}</Banner>}
          </>
        )}
        {kind === "join" && <Field label={t("new.link")} name="link" autoFocus value={link} onChange={(event) => setLink(event.target.value)} hint={t("new.link_hint")} error={error} placeholder="SOTTO:GROUP/1/…" />}
        <div className="buttons end">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" tone="main" busy={busy} disabled={!ready}>
            {t(kind === "person" ? "new.begin" : kind === "group" ? "new.make_group" : "new.ask_join")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
