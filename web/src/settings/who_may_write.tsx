import { useState } from "react";
import type { ContactRules } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { Banner, Button, Choice, IconButton, Section, Spinner } from "../ui/controls";
import { useCopy } from "../ui/copy";
import { Confirm } from "../ui/dialog";
import { useCall } from "./use_call";

const kRules = ["ANYBODY", "GROUPS", "LINK", "NOBODY", "OPEN"] as const;

/** What becomes of strangers, and the link that is given to those who are wanted. */
export function WhoMayWrite() {
  const app = useApp();
  const { t } = useWords();
  const [rules, setRules, failure] = useCall("requests.rules");
  const [asked, setAsked] = useState<"renew" | "withdraw" | undefined>(undefined);
  const take = (next: ContactRules | undefined): void => {
    if (next !== undefined) setRules(next);
  };
  const change = async (how: "renew" | "withdraw"): Promise<void> => take(await app.attempt(`requests.${how}_link`, {}));
  const copy = useCopy();
  const link = rules?.link ?? "";
  const from = kRules.find((each) => each === rules?.from);
  return (
    <Section title={t("rules.title")} hint={t("rules.words")}>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      {rules === undefined && failure === undefined && <Spinner label={t("connecting.wait")} />}
      {rules !== undefined && (
        <>
          <Choice
            label={t("rules.from")}
            value={from ?? ""}
            options={[...(from === undefined ? [{ value: "" as const, label: t("rules.unknown") }] : []), ...kRules.map((each) => ({ value: each, label: t(`rules.${each}`) }))]}
            onChange={(next) => next !== "" && void app.attempt("requests.set_rule", { from: next }).then(take)}
          />
          {from === "OPEN" && <Banner tone="warn">{t("rules.open_words")}</Banner>}
          <h4>{t("rules.link")}</h4>
          <p className="hint">{t("rules.link_words")}</p>
          {link !== "" && (
            <div className="invite">
              <code tabIndex={0} data-testid="contact-link">
                {link}
              </code>
              <IconButton icon="copy" label={t("rules.link_copy")} onClick={() => copy(link)} />
            </div>
          )}
          <div className="buttons">
            <Button icon="link" onClick={() => (link === "" ? void change("renew") : setAsked("renew"))}>
              {t(link === "" ? "rules.link_make" : "rules.link_renew")}
            </Button>
            {link !== "" && <Button onClick={() => setAsked("withdraw")}>{t("rules.link_withdraw")}</Button>}
          </div>
        </>
      )}
      {asked !== undefined && (
        <Confirm title={t(`rules.link_${asked}`)} action={t(`rules.link_${asked}`)} onConfirm={() => change(asked)} onClose={() => setAsked(undefined)}>
          {t("rules.link_ends")}
        </Confirm>
      )}
    </Section>
  );
}
