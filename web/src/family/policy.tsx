// What a guardian lays down for one child. Each change goes to the child's devices at once, signed; there is nothing to
// save but the hours, which make sense only as a whole.
import { useEffect, useState } from "react";
import type { Family, FamilyPolicyChange } from "../api/types";
import { PeopleField } from "../conversations/people_field";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { dateAndTime, grouped, num, personName } from "../text/format";
import { describe } from "../transport/transport";
import { Avatar } from "../ui/avatar";
import { Banner, Button, Choice, IconButton, Section, Switch } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { type Hours, hoursOf, hoursText, hoursWords, offsetText } from "./hours";
import { HoursEditor } from "./hours_editor";

type Change = Omit<FamilyPolicyChange, "child">;

export function ChildSection({ child }: { child: Family }) {
  const app = useApp();
  const { t, locale } = useWords();
  const [ending, setEnding] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const name = personName(child.name);
  const who = child.account ?? "";

  const change = async (part: Change): Promise<boolean> => {
    setFailure(undefined);
    try {
      await app.call("families.change_policy", { child: who, ...part });
      await app.readFamilies();
      return true;
    } catch (error) {
      setFailure(describe(error));
      return false;
    }
  };

  return (
    <Section title={name}>
      {child.accepted === true ? (
        <>
          {num(child.policy?.time_ms) > 0 && <p className="hint">{t("policy.since", { time: dateAndTime(num(child.policy?.time_ms), locale) })}</p>}
          {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
          <Allowed child={child} change={change} />
          <HoursOf child={child} change={change} />
          <h4>{t("policy.strangers")}</h4>
          <Switch
            label={t("policy.hold")}
            hint={t("policy.hold_hint")}
            checked={child.policy?.hold_strangers === true}
            onChange={(hold_strangers) => void change({ hold_strangers })}
          />
          <h4>{t("policy.pictures")}</h4>
          <Choice
            label={t("policy.blur")}
            hint={t("policy.blur_hint")}
            value={child.policy?.blur_all_pictures === true ? "all" : child.policy?.blur_pictures === true ? "sensitive" : "off"}
            options={[
              { value: "off", label: t("policy.blur_off") },
              { value: "sensitive", label: t("policy.blur_sensitive") },
              { value: "all", label: t("policy.blur_all") },
            ]}
            onChange={(next) => void change({ blur_pictures: next !== "off", blur_all_pictures: next === "all" })}
          />
        </>
      ) : (
        <>
          <Banner icon="clock">{t("family.offered", { name })}</Banner>
          <p className="digits small mono" data-testid="own-fingerprint">
            {grouped(child.own_fingerprint ?? "", 4)}
          </p>
        </>
      )}
      <div className="buttons">
        <Button tone="danger" onClick={() => setEnding(true)}>
          {t(child.accepted === true ? "family.end" : "family.withdraw")}
        </Button>
      </div>
      {ending && (
        <Confirm
          title={t("family.end_title", { name })}
          action={t(child.accepted === true ? "family.end" : "family.withdraw")}
          danger
          onClose={() => setEnding(false)}
          onConfirm={async () => {
            if ((await app.attempt("families.end", { person: who })) !== undefined) await app.readFamilies();
          }}
        >
          <p>{t(child.accepted === true ? "family.end_words" : "family.withdraw_words")}</p>
        </Confirm>
      )}
    </Section>
  );
}

function Allowed({ child, change }: { child: Family; change: (part: Change) => Promise<boolean> }) {
  const { t, n } = useWords();
  const [adding, setAdding] = useState<string[] | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const allowed = child.policy?.allowed ?? [];
  return (
    <>
      <h4>{n("policy.allowed", allowed.length)}</h4>
      <p className="hint">{t("policy.allowed_hint")}</p>
      <ul className="members">
        {allowed.map((each) => (
          <li key={each.account}>
            <Avatar name={personName(each.name)} id={each.account ?? ""} size="small" />
            <span className="member-words">
              <bdi>{personName(each.name)}</bdi>
              <span className="hint mono">{grouped((each.fingerprint ?? "").slice(0, 16), 4)}</span>
            </span>
            <IconButton icon="close" label={t("policy.forbid", { name: personName(each.name) })} onClick={() => void change({ forbid: [each.name || each.account || ""] })} />
          </li>
        ))}
      </ul>
      {adding === undefined ? (
        <Button icon="plus" onClick={() => setAdding([])}>
          {t("policy.allow")}
        </Button>
      ) : (
        <>
          <PeopleField value={adding} onChange={setAdding} except={[...allowed.map((each) => each.name ?? ""), child.name ?? ""]} />
          <div className="buttons">
            <Button onClick={() => setAdding(undefined)}>{t("cancel")}</Button>
            <Button
              tone="main"
              busy={busy}
              disabled={adding.length === 0}
              onClick={async () => {
                setBusy(true);
                if (await change({ allow: adding })) setAdding(undefined);
                setBusy(false);
              }}
            >
              {t("policy.allow")}
            </Button>
          </div>
        </>
      )}
    </>
  );
}

function HoursOf({ child, change }: { child: Family; change: (part: Change) => Promise<boolean> }) {
  const { t, locale } = useWords();
  const limited = child.policy?.limited_hours === true;
  const version = child.policy?.version;
  const [hours, setHours] = useState<readonly Hours[]>([]);
  const [changed, setChanged] = useState(false);
  // Another device of the guardian's may have changed them.
  useEffect(() => {
    setHours(hoursOf(child.policy?.hours ?? []));
    setChanged(false);
  }, [version]);
  const text = hoursText(hours);
  const edit = (next: readonly Hours[]): void => {
    setHours(next);
    setChanged(true);
  };
  return (
    <>
      <h4>{t("policy.hours")}</h4>
      <Switch
        label={t("policy.limited")}
        hint={t("policy.limited_hint", { offset: offsetText(child.policy?.utc_offset_min ?? 0) })}
        checked={limited || hours.length > 0}
        onChange={(on) => {
          if (on) edit([{ first: 0, last: 4, from: "15:00", until: "20:00" }, { first: 5, last: 6, from: "09:00", until: "21:00" }]);
          else if (limited) void change({ hours: "any" });
          else setHours([]);
        }}
      />
      {hours.length > 0 && <HoursEditor value={hours} onChange={edit} />}
      {hours.length > 0 && changed && (
        <>
          {text === undefined ? <p className="error" role="alert">{t("hours.wrong")}</p> : <p className="hint">{hours.map((each) => hoursWords(each, locale)).join(", ")}</p>}
          <Button tone="main" disabled={text === undefined} onClick={() => void change({ hours: text ?? "any", offset: offsetText(-new Date().getTimezoneOffset()) })}>
            {t("hours.save")}
          </Button>
        </>
      )}
    </>
  );
}
