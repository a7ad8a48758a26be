import { useState } from "react";
import type { Conversation } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { Banner, Button } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { Verify } from "../verify/verify";

/** A contact shows another key: nothing is sent until the user decided. */
export function KeyChanged({ record, name }: { record: Conversation; name: string }) {
  const { t } = useWords();
  const app = useApp();
  const [asking, setAsking] = useState(false);
  const [verifying, setVerifying] = useState(false);
  const contact = record.contact?.handle || record.contact?.account || "";
  return (
    <div className="key-changed">
      <Banner
        tone="bad"
        action={
          <span className="buttons">
            <Button onClick={() => setVerifying(true)}>{t("verify.action")}</Button>
            <Button onClick={() => setAsking(true)}>{t("key.accept")}</Button>
          </span>
        }
      >
        <strong>{t("key.changed", { name })}</strong> {t("key.changed_words")}
      </Banner>
      {asking && (
        <Confirm
          title={t("key.accept")}
          action={t("key.accept")}
          danger
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            if ((await app.attempt("contacts.accept_key", { contact })) !== undefined) app.refreshConversation(record.conversation ?? "");
          }}
        >
          <p>{t("key.accept_words", { name })}</p>
        </Confirm>
      )}
      {verifying && <Verify contact={contact} name={name} changed onClose={() => setVerifying(false)} />}
    </div>
  );
}
