// Text messages to one number: nothing of them is encrypted, so nothing goes without the user's word, and what goes is
// green wherever it is shown.
import { type ReactNode, useEffect, useState } from "react";
import type { Conversation } from "../api/types";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { go } from "../state/route";
import { Banner, Button, Section, Switch } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { Icon } from "../ui/icons";

/** Undefined until it is known. */
function useAllowed(number: string): boolean | undefined {
  const app = useApp();
  const decisions = useAppState((state) => state.smsChanged);
  const [allowed, setAllowed] = useState<boolean | undefined>(undefined);
  useEffect(() => {
    app.call("sms.list", {}).then(
      (list) => setAllowed((list.permissions ?? []).find((each) => each.number === number)?.allowed === true),
      () => undefined,
    );
  }, [app, number, decisions]);
  return allowed;
}

export function SmsSection({ record }: { record: Conversation }) {
  const app = useApp();
  const { t } = useWords();
  const number = (record.conversation ?? "").replace(/^sms:/, "");
  const allowed = useAllowed(number);
  return (
    <Section title={t("sms.title")}>
      <Banner tone="warn" icon="open_lock">
        {t("sms.words")}
      </Banner>
      <Switch label={t("sms.allow", { number })} checked={allowed === true} onChange={(on) => void app.decideSms(number, on)} />
    </Section>
  );
}

/** In the place of the composer until the user lets texts go to the number. */
export function SmsGate({ number, children }: { number: string; children: ReactNode }) {
  const app = useApp();
  const { t } = useWords();
  const allowed = useAllowed(number);
  if (allowed === true) return children;
  return (
    <div className="composer-closed green">
      {allowed === false && (
        <>
          <p>
            <Icon name="open_lock" size={16} /> {t("sms.gate")}
          </p>
          <Button tone="green" icon="open_lock" onClick={() => void app.decideSms(number, true)}>
            {t("sms.gate_action")}
          </Button>
        </>
      )}
    </div>
  );
}

/** A text message instead, where nothing else reaches somebody: offered, asked about, never done by itself. */
export function SmsOffer({ number, onGone }: { number: string; onGone?: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button icon="sms" className="sms-offer" onClick={() => setAsking(true)}>
        {t("sms.instead")}
      </Button>
      {asking && (
        <Confirm
          title={t("sms.instead_title", { number })}
          action={t("sms.instead_action")}
          tone="green"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            if (!(await app.decideSms(number, true))) return;
            const record = await app.attempt("conversations.open", { conversation: `sms:${number}` });
            if (record === undefined) return;
            app.putConversation(record);
            onGone?.();
            go({ page: "conversation", conversation: record.conversation ?? "" });
          }}
        >
          <Banner tone="warn" icon="open_lock">
            {t("sms.words")}
          </Banner>
          <p>{t("sms.instead_words")}</p>
        </Confirm>
      )}
    </>
  );
}
