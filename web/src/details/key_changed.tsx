import { useState } from "react";
import type { Conversation } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { Banner, Button } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { Verify } from "../verify/verify";

const kDecisions = {
  accept: "contacts.accept_key",
  keep: "contacts.keep_key",
} as const;

/** A contact shows another key, or showed one: nothing is sent until the user decided. */
export function KeyChanged({ record, name }: { record: Conversation; name: string }) {
  const { t } = useWords();
  const app = useApp();
  const [asking, setAsking] = useState<keyof typeof kDecisions | undefined>(undefined);
  const [verifying, setVerifying] = useState(false);
  const contact = record.contact?.handle || record.contact?.account || "";
  const again = record.contact?.known_key_again === true;
  return (
    <div className="key-changed">
      <Banner
        tone="bad"
        action={
          <span className="buttons">
            <Button onClick={() => setVerifying(true)}>{t("verify.action")}</Button>
            <Button onClick={() => setAsking("keep")}>{t("key.keep")}</Button>
            <Button onClick={() => setAsking("accept")}>{t("key.accept")}</Button>
          </span>
        }
      >
        <strong>{t(again ? "key.again" : "key.changed", { name })}</strong> {t(again ? "key.again_words" : "key.changed_words", { name })}
      </Banner>
      {asking !== undefined && (
        <Confirm
          title={t(`key.${asking}`)}
          action={t(`key.${asking}`)}
          danger={asking === "accept"}
          onClose={() => setAsking(undefined)}
          onConfirm={async () => {
            if ((await app.attempt(kDecisions[asking], { contact })) !== undefined) app.refreshConversation(record.conversation ?? "");
          }}
        >
          <p>{t(`key.${asking}_words`, { name })}</p>
        </Confirm>
      )}
      {verifying && <Verify contact={contact} name={name} changed onClose={() => setVerifying(false)} />}
    </div>
  );
}
