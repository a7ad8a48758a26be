import { useEffect, useState } from "react";
import type { Conversation, SmsPermission } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { Banner, Section, Switch } from "../ui/controls";

/** Text messages to one number: nothing is encrypted, so nothing goes without the user's word. */
export function SmsSection({ record }: { record: Conversation }) {
  const app = useApp();
  const { t } = useWords();
  const number = (record.conversation ?? "").replace(/^sms:/, "");
  const [permission, setPermission] = useState<SmsPermission | undefined>(undefined);
  useEffect(() => {
    app.call("sms.list", {}).then(
      (list) => setPermission((list.permissions ?? []).find((each) => each.number === number)),
      () => undefined,
    );
  }, [app, number]);
  return (
    <Section title={t("sms.title")}>
      <Banner tone="warn" icon="open_lock">
        {t("sms.words")}
      </Banner>
      <Switch
        label={t("sms.allow", { number })}
        checked={permission?.allowed === true}
        onChange={(on) => void app.attempt(on ? "sms.allow" : "sms.forbid", { number }).then((next) => next !== undefined && setPermission(next))}
      />
    </Section>
  );
}
