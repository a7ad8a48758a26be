import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { num, personName } from "../text/format";
import { Banner, Choice, Section, Spinner, Switch } from "../ui/controls";
import { Blocked, Quarantine } from "./kept_out";
import { useCall } from "./use_call";
import { WhoMayWrite } from "./who_may_write";

const kMegabyte = 1024 * 1024;

/** Who may write first, what is fetched unasked, and to which numbers texts may go. */
export function Privacy() {
  const app = useApp();
  const { t } = useWords();
  const status = useAppState((state) => state.status);
  const [policy, setPolicy, failure] = useCall("files.policy");
  const decisions = useAppState((state) => state.smsChanged);
  const [sms] = useCall("sms.list", decisions);
  const change = (part: object): void => {
    void app.attempt("files.set_policy", { ...policy, ...part }).then((next) => next !== undefined && setPolicy(next));
  };
  const allowed = (sms?.permissions ?? []).filter((each) => each.allowed === true);
  const size = String(Math.round(num(policy?.max_octets) / kMegabyte));
  return (
    <>
      {(status?.guardian ?? "") !== "" && <Banner icon="family" action={<a href="#/settings/family">{t("guardian.look")}</a>}>{t("guardian.words", { name: personName(status?.guardian) })}</Banner>}
      <WhoMayWrite />
      <Section title={t("downloads.title")} hint={t("downloads.words")}>
        {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
        {policy === undefined && failure === undefined && <Spinner label={t("connecting.wait")} />}
        {policy !== undefined && (
          <>
            <Choice
              label={t("downloads.from")}
              value={policy.from ?? "KNOWN"}
              options={[
                { value: "NOBODY", label: t("downloads.nobody") },
                { value: "KNOWN", label: t("downloads.known") },
                { value: "EVERYBODY", label: t("downloads.everybody") },
              ]}
              onChange={(from) => change({ from })}
            />
            <Choice
              label={t("downloads.size")}
              value={size}
              options={[...new Set(["1", "10", "50", "100", size])].map((each) => ({ value: each, label: t("downloads.megabytes", { size: each }) }))}
              onChange={(next) => change({ max_octets: String(Number(next) * kMegabyte) })}
            />
            <Switch label={t("downloads.metered")} hint={t("downloads.metered_hint")} checked={policy.metered === true} onChange={(metered) => change({ metered })} />
          </>
        )}
      </Section>
      <Section title={t("sms.title")} hint={t("sms.words")}>
        {allowed.length === 0 ? (
          <p>{t("sms.none")}</p>
        ) : (
          allowed.map((each) => (
            <Switch
              key={each.number}
              label={each.number ?? ""}
              checked
              onChange={() => void app.decideSms(each.number ?? "", false)}
            />
          ))
        )}
      </Section>
      <Blocked />
      <Quarantine />
      <Section title={t("privacy.receipts")}>
        <p>{t("privacy.receipts_words")}</p>
      </Section>
    </>
  );
}
