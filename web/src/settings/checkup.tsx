// How things stand with the account's safety, on one page, each line with what can be done about it.
import type { ReactNode } from "react";
import { isVerified } from "../details/security";
import { useWords } from "../i18n";
import { useAppState } from "../state/context";
import { dateAndTime, num } from "../text/format";
import { Section } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useCall } from "./use_call";

function Line({ good, title, children }: { good: boolean; title: string; children: ReactNode }) {
  return (
    <li className={good ? "good" : "wait"}>
      <Icon name={good ? "check" : "warning"} />
      <div>
        <strong>{title}</strong>
        <p>{children}</p>
      </div>
    </li>
  );
}

export function Checkup() {
  const { t, n, locale } = useWords();
  const status = useAppState((state) => state.status);
  const conversations = useAppState((state) => state.conversations);
  const [devices] = useCall("devices.list");
  const [recovery] = useCall("recovery.status");
  const [log] = useCall("log.status");
  const people = [...conversations.values()].filter((each) => (each.kind ?? "DIRECT") === "DIRECT");
  const unverified = people.filter((each) => !isVerified(each.security)).length;
  const sent = num(status?.sent_lately);
  const insecure = num(status?.sent_insecurely_lately);
  const ways = recovery?.independent_ways ?? 0;
  const count = devices?.devices?.length ?? num(status?.devices);
  return (
    <Section title={t("checkup.title")} hint={t("checkup.words")}>
      <ul className="security">
        <Line good={ways > 1} title={n("recovery.ways", ways)}>
          <a href="#/settings/recovery">{t("checkup.recovery")}</a>
        </Line>
        <Line good title={n("checkup.devices", count)}>
          <a href="#/settings/devices">{t("checkup.devices_look")}</a>
        </Line>
        <Line good={unverified === 0} title={unverified === 0 ? t("checkup.all_verified") : n("checkup.unverified", unverified)}>
          {t("checkup.verify_words")}
        </Line>
        <Line good={log?.forked !== true && num(log?.open_claims) === 0} title={t(log?.forked === true ? "checkup.log_forked" : "checkup.log")}>
          {num(log?.head_ms) > 0 ? t("checkup.log_words", { time: dateAndTime(num(log?.head_ms), locale), size: num(log?.size) }) : t("checkup.log_not_yet")}
        </Line>
        <Line good={num(log?.self_audited_ms) > 0} title={t("checkup.audited")}>
          {num(log?.self_audited_ms) > 0 ? dateAndTime(num(log?.self_audited_ms), locale) : t("checkup.log_not_yet")}
        </Line>
        <Line good={insecure === 0} title={insecure === 0 ? t("checkup.all_encrypted") : t("checkup.insecure", { insecure, sent })}>
          {t("checkup.insecure_words")}
        </Line>
        <Line good={(status?.tls_group ?? "") === "X25519MLKEM768"} title={t("checkup.tls")}>
          {status?.tls_group || t("checkup.log_not_yet")}
        </Line>
      </ul>
      <p className="hint">{t("checkup.limits")}</p>
    </Section>
  );
}
