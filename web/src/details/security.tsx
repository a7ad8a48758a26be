// How safe a conversation or message is, in words that need no knowledge of cryptography. Says what does not hold, too.
import type { Conversation, SecurityState } from "../api/types";
import { useWords } from "../i18n";
import { dateAndTime, num } from "../text/format";
import { Icon } from "../ui/icons";

export function isVerified(security: SecurityState | undefined): boolean {
  return security?.verified_by === "VERIFIED_BY_QR" || security?.verified_by === "VERIFIED_BY_DIGITS";
}

/** Colour, icon and words: who cannot see the one reads the other. */
export function ChannelBadge({ record }: { record: Conversation }) {
  const { t, n } = useWords();
  if (record.kind === "SMS" || record.security?.channel === "SMS") {
    return (
      <span className="tag green">
        <Icon name="open_lock" size={13} /> {t("channel.sms")}
      </span>
    );
  }
  if ((record.guests ?? []).length > 0) {
    return (
      <span className="tag green">
        <Icon name="open_lock" size={13} /> {n("guest.badge", (record.guests ?? []).length)}
      </span>
    );
  }
  if (isVerified(record.security)) {
    return (
      <span className="tag blue">
        <Icon name="shield_check" size={13} /> {t("channel.verified")}
      </span>
    );
  }
  return (
    <span className="tag blue">
      <Icon name="lock" size={13} /> {t("channel.sotto")}
    </span>
  );
}

export function SecurityFacts({ security, group = false }: { security: SecurityState; group?: boolean }) {
  const { t, n, locale } = useWords();
  const sms = security.channel === "SMS";
  const rekey = num(security.last_rekey_ms);
  const log = num(security.transparency_size);
  return (
    <ul className="security">
      <li className={sms ? "bad" : "good"}>
        <Icon name={sms ? "open_lock" : "lock"} />
        <div>
          <strong>{t(sms ? "security.sms" : "security.end_to_end")}</strong>
          <p>{t(sms ? "security.sms_words" : group ? "security.end_to_end_group" : "security.end_to_end_words")}</p>
        </div>
      </li>
      {!sms && (
        <>
          <li className={security.pq_level === "PQ_CONTINUOUS" ? "good" : "wait"}>
            <Icon name="key" />
            <div>
              <strong>{t(security.pq_level === "PQ_CONTINUOUS" ? "security.pq_continuous" : security.pq_level === "PQ_ESTABLISHMENT" ? "security.pq_start" : "security.pq_none_yet")}</strong>
              <p>{rekey > 0 ? t("security.rekeyed", { time: dateAndTime(rekey, locale) }) : t("security.rekey_soon")}</p>
            </div>
          </li>
          <li className={isVerified(security) ? "good" : "wait"}>
            <Icon name={isVerified(security) ? "shield_check" : "shield"} />
            <div>
              <strong>{t(`security.by_${verification(security)}`)}</strong>
              <p>{t(`security.by_${verification(security)}_words`)}</p>
            </div>
          </li>
          <li className={log > 0 ? "good" : "wait"}>
            <Icon name="search" />
            <div>
              <strong>{t(log > 0 ? "security.log" : "security.log_not_yet")}</strong>
              <p>{log > 0 ? n("security.log_words", log) : t("security.log_not_yet_words")}</p>
            </div>
          </li>
        </>
      )}
    </ul>
  );
}

function verification(security: SecurityState): "pinned" | "qr" | "digits" | "accepted" | "none" {
  switch (security.verified_by) {
    case "PINNED_AT_FIRST_CONTACT":
      return "pinned";
    case "VERIFIED_BY_QR":
      return "qr";
    case "VERIFIED_BY_DIGITS":
      return "digits";
    case "ACCEPTED_AFTER_CHANGE":
      return "accepted";
    default:
      return "none";
  }
}
