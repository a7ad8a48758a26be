// Guardians and children: who is what, what holds, what is asked, and what everybody should look out for. Nothing here is
// hidden from the child, and nothing of what the child says is shown to the guardian.
import { type FormEvent, useState } from "react";
import type { Family as Member, FamilyRequest } from "../api/types";
import { useWords } from "../i18n";
import { useCall } from "../settings/use_call";
import { useApp, useAppState } from "../state/context";
import { dateAndTime, grouped, num, personName } from "../text/format";
import { oneLine } from "../text/safe";
import { describe } from "../transport/transport";
import { Avatar } from "../ui/avatar";
import { Banner, Button, Field, Section } from "../ui/controls";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { hoursOf, hoursWords, offsetText, openAt } from "./hours";
import { Ask, guardianIn } from "./not_allowed";
import { ChildSection } from "./policy";

export function FamilyPage() {
  const families = useAppState((state) => state.families);
  const guardian = guardianIn(families);
  const offers = families.filter((each) => each.role === "GUARDIAN" && each.accepted !== true);
  const children = families.filter((each) => each.role === "CHILD");
  return (
    <>
      <Questions />
      {guardian !== undefined && <Guardian guardian={guardian} />}
      {guardian === undefined && offers.map((each) => <Offer key={each.account} offer={each} />)}
      {children.map((each) => (
        <ChildSection key={each.account} child={each} />
      ))}
      {guardian === undefined && <BeGuardian any={children.length > 0} />}
      <SafetyCards />
    </>
  );
}

/** What children ask their guardian. */
function Questions() {
  const app = useApp();
  const { t, locale } = useWords();
  const requests = useAppState((state) => state.familyRequests);
  if (requests.length === 0) return null;
  const decide = async (request: FamilyRequest, approve: boolean): Promise<void> => {
    const done = await app.attempt("families.decide", { child: request.child ?? "", person: request.handle || request.account || "", approve });
    if (done !== undefined) await app.readFamilies();
  };
  return (
    <Section title={t("family.questions")} hint={t("family.questions_words")}>
      <ul className="plain-list">
        {requests.map((each) => (
          <li key={`${each.child} ${each.account}`} className="question">
            <span className="member-words">
              <span>{t("family.question", { child: personName(each.child_name), name: personName(each.handle || each.account) })}</span>
              {(each.note ?? "") !== "" && <bdi>“{oneLine(each.note, 200)}”</bdi>}
              <span className="hint">
                {dateAndTime(num(each.time_ms), locale)} · <span className="mono">{grouped((each.fingerprint ?? "").slice(0, 16), 4)}</span>
              </span>
            </span>
            <span className="buttons">
              <Button className="small" tone="main" onClick={() => void decide(each, true)}>
                {t("family.approve")}
              </Button>
              <Button className="small" onClick={() => void decide(each, false)}>
                {t("family.refuse")}
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** On a child's device: who the guardian is, what holds, and whom it may ask for. */
function Guardian({ guardian }: { guardian: Member }) {
  const { t, n, locale } = useWords();
  const [person, setPerson] = useState("");
  const [asking, setAsking] = useState<string | undefined>(undefined);
  const name = personName(guardian.name);
  const policy = guardian.policy;
  const allowed = policy?.allowed ?? [];
  return (
    <>
      <Section title={t("family.yours", { name })} hint={t("family.yours_words")}>
        <div className="request-who">
          <Avatar name={name} id={guardian.account ?? ""} />
          <div>
            <strong>
              <bdi>{name}</bdi>
            </strong>
            <p className="hint mono">{grouped(guardian.fingerprint ?? "", 4)}</p>
          </div>
        </div>
        <details className="more-fields">
          <summary>{n("family.devices", (guardian.devices ?? []).length)}</summary>
          <ul className="plain-list">
            {(guardian.devices ?? []).map((each) => (
              <li key={each.device}>
                <Icon name="device" />
                <span className="member-words">
                  <span className="mono">{grouped((each.fingerprint ?? "").slice(0, 16), 4)}</span>
                  {num(each.added_ms) > 0 && <span className="hint">{t("devices.added", { time: dateAndTime(num(each.added_ms), locale) })}</span>}
                </span>
              </li>
            ))}
          </ul>
        </details>
      </Section>
      <Section title={t("family.holds")}>
        {policy === undefined ? (
          <p>{t("family.no_policy", { name })}</p>
        ) : (
          <ul className="security">
            <Rule icon="user" title={t("family.rule_people")}>
              {[name, ...allowed.map((each) => personName(each.name))].join(", ")}
            </Rule>
            <Rule icon="clock" title={t(policy.limited_hours !== true ? "family.rule_always" : openAt(policy, Date.now()) ? "family.rule_open" : "family.rule_closed")}>
              {policy.limited_hours === true
                ? t("family.rule_hours", { hours: hoursOf(policy.hours ?? []).map((each) => hoursWords(each, locale)).join(", "), offset: offsetText(policy.utc_offset_min ?? 0) })
                : t("family.rule_always_words")}
            </Rule>
            <Rule icon="bell_off" title={t("family.rule_strangers")}>
              {t(policy.hold_strangers === true ? "family.rule_hold" : "family.rule_drop", { name })}
            </Rule>
            <Rule icon="image" title={t("family.rule_pictures")}>
              {t(policy.blur_all_pictures === true ? "family.rule_blur_all" : policy.blur_pictures === true ? "family.rule_blur" : "family.rule_blur_off")}
            </Rule>
          </ul>
        )}
      </Section>
      <Section title={t("family.ask_heading")} hint={t("family.ask_hint", { name })}>
        <form
          className="inline-form"
          onSubmit={(event) => {
            event.preventDefault();
            setAsking(person.trim());
          }}
        >
          <Field label={t("new.who")} name="ask-person" autoCapitalize="none" value={person} onChange={(event) => setPerson(event.target.value)} />
          <Button type="submit" disabled={person.trim() === ""}>
            {t("family.ask")}
          </Button>
        </form>
      </Section>
      {asking !== undefined && (
        <Ask
          person={asking}
          name={asking}
          guardian={name}
          onClose={() => {
            setAsking(undefined);
            setPerson("");
          }}
        />
      )}
    </>
  );
}

function Rule({ icon, title, children }: { icon: "user" | "clock" | "bell_off" | "image"; title: string; children: React.ReactNode }) {
  return (
    <li>
      <Icon name={icon} />
      <div>
        <strong>{title}</strong>
        <p>{children}</p>
      </div>
    </li>
  );
}

/** Somebody offers to be the guardian of this account: accepted with them beside it. */
function Offer({ offer }: { offer: Member }) {
  const app = useApp();
  const { t } = useWords();
  const [comparing, setComparing] = useState(false);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const name = personName(offer.name);
  const accept = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await app.call("families.accept", { guardian: offer.account ?? "", fingerprint: offer.fingerprint ?? "" });
      await Promise.all([app.readFamilies(), app.refreshProfile()]);
      setComparing(false);
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };
  return (
    <Section title={t("family.offer_title", { name })} hint={t("family.offer_words")}>
      <Button tone="main" onClick={() => setComparing(true)}>
        {t("family.offer_look")}
      </Button>
      {comparing && (
        <Dialog title={t("family.offer_title", { name })} onClose={() => setComparing(false)}>
          <p>{t("family.compare_words", { name })}</p>
          <p className="digits small mono" data-testid="guardian-fingerprint">
            {grouped(offer.fingerprint ?? "", 4)}
          </p>
          <Banner tone="warn" icon="family">
            {t("family.accept_words", { name })}
          </Banner>
          {error !== undefined && <Banner tone="bad">{error}</Banner>}
          <div className="buttons end">
            <Button onClick={() => setComparing(false)}>{t("family.differ")}</Button>
            <Button tone="main" busy={busy} onClick={() => void accept()}>
              {t("family.accept")}
            </Button>
          </div>
        </Dialog>
      )}
    </Section>
  );
}

function BeGuardian({ any }: { any: boolean }) {
  const app = useApp();
  const { t } = useWords();
  const [person, setPerson] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await app.call("families.offer", { person: person.trim() });
      await app.readFamilies();
      setPerson("");
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <Section title={t(any ? "family.another" : "family.begin")} hint={t("family.begin_words")}>
      <form className="inline-form" onSubmit={(event) => void submit(event)}>
        <Field label={t("family.child")} name="child" autoCapitalize="none" value={person} hint={t("family.child_hint")} error={error} onChange={(event) => setPerson(event.target.value)} />
        <Button type="submit" busy={busy} disabled={person.trim() === ""}>
          {t("family.offer")}
        </Button>
      </form>
    </Section>
  );
}

/** What people with bad intentions do, for children and everybody else. */
function SafetyCards() {
  const { t, locale } = useWords();
  const [cards] = useCall("safety.cards", locale, { language: locale });
  if ((cards?.cards ?? []).length === 0) return null;
  return (
    <Section title={t("safety.title")} hint={t("safety.words")}>
      <div className="cards">
        {(cards?.cards ?? []).map((each) => (
          <details key={each.id}>
            <summary>{each.title}</summary>
            <p>{each.text}</p>
          </details>
        ))}
      </div>
    </Section>
  );
}

/** Above the conversations: children wait for an answer, or somebody offers to be the guardian. */
export function FamilyEntry() {
  const { t } = useWords();
  const questions = useAppState((state) => state.familyRequests.length);
  const offered = useAppState((state) => guardianIn(state.families) === undefined && state.families.some((each) => each.role === "GUARDIAN"));
  if (questions === 0 && !offered) return null;
  return (
    <a className="requests-entry" href="#/settings/family">
      <Icon name="family" />
      <span>{questions > 0 ? t("family.entry", { count: questions }) : t("family.entry_offer")}</span>
      <Icon name="chevron" size={16} />
    </a>
  );
}
