// What somebody may want to know of one message, and the two ways to take one away.
import type { Conversation, Message } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { dateAndTime, guestNames, isSms, num, personName } from "../text/format";
import { Dialog, Confirm } from "../ui/dialog";
import { SecurityFacts } from "../details/security";
import type { Asked } from "./actions";
import { Body } from "./body";
import { Forward } from "./forward";
import { stateName } from "./state";

export function MessageDialogs({
  shown,
  conversation,
  onClose,
}: {
  shown: { what: Asked; message: Message };
  conversation: Conversation;
  onClose: () => void;
}) {
  const app = useApp();
  const { t } = useWords();
  const where = { conversation: conversation.conversation ?? "", message_id: shown.message.message_id ?? "" };
  if (shown.what === "unsend") {
    return (
      <Confirm
        title={t("message.unsend")}
        action={t("message.unsend")}
        danger
        onClose={onClose}
        onConfirm={async () => {
          const changed = await app.attempt("messages.unsend", where);
          if (changed?.message_id !== undefined) app.timelines.changed(changed);
        }}
      >
        <p>{t("message.unsend_words")}</p>
      </Confirm>
    );
  }
  if (shown.what === "erase") {
    return (
      <Confirm
        title={t("message.erase")}
        action={t("message.erase")}
        danger
        onClose={onClose}
        onConfirm={async () => {
          if ((await app.attempt("messages.erase", where)) !== undefined) app.timelines.erased(where.conversation, where.message_id);
        }}
      >
        <p>{t(isSms(shown.message) ? "message.erase_sms_words" : "message.erase_words")}</p>
      </Confirm>
    );
  }
  if (shown.what === "forward") return <Forward message={shown.message} onClose={onClose} />;
  return <MessageDetails message={shown.message} onClose={onClose} />;
}

function MessageDetails({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t, locale } = useWords();
  const members = message.member_deliveries ?? [];
  const inClear = message.also_in_clear ?? [];
  const time = (ms: string | undefined): string => dateAndTime(num(ms), locale);
  return (
    <Dialog title={t("message.details")} onClose={onClose} wide>
      <dl className="facts">
        <dt>{t("fact.from")}</dt>
        <dd>
          <bdi>{message.outgoing === true ? t("you") : personName(message.sender)}</bdi>
        </dd>
        <dt>{t("fact.sent")}</dt>
        <dd>{time(message.sent_ms)}</dd>
        {num(message.received_ms) > 0 && (
          <>
            <dt>{t("fact.received")}</dt>
            <dd>{time(message.received_ms)}</dd>
          </>
        )}
        {num(message.deliveries?.[0]?.delivered_ms) > 0 && (
          <>
            <dt>{t("fact.delivered")}</dt>
            <dd>{time(message.deliveries?.[0]?.delivered_ms)}</dd>
          </>
        )}
        {(message.readings ?? []).map((each) => (
          <div key={each.reader} className="fact-row">
            <dt>{t("fact.read_by", { name: personName(each.reader) })}</dt>
            <dd>{time(each.time_ms)}</dd>
          </div>
        ))}
        {num(message.expires_ms) > 0 && (
          <>
            <dt>{t("fact.disappears")}</dt>
            <dd>{time(message.expires_ms)}</dd>
          </>
        )}
      </dl>
      {message.security !== undefined && <SecurityFacts security={message.security} />}
      {members.length > 0 && (
        <>
          <h3>{t("fact.members")}</h3>
          <ul className="member-states">
            {members.map((each) => (
              <li key={each.account}>
                <bdi>{personName(each.name || each.account)}</bdi>
                <span>{each.state === "FAILED" ? each.failure : (stateName(each.state, t) ?? t("state.queued"))}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {inClear.length > 0 && (
        <>
          <h3>{t("fact.in_clear")}</h3>
          <p className="hint">{t("sms.words")}</p>
          <ul className="member-states">
            {inClear.map((each) => (
              <li key={each.number}>
                <bdi>{guestNames([each])}</bdi>
                <span>{each.state === "FAILED" ? each.failure : each.state === undefined ? t("guest.through", { name: personName(each.sponsor) }) : (stateName(each.state, t) ?? t("state.queued"))}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {(message.earlier_texts ?? []).length > 0 && (
        <>
          <h3>{t("fact.earlier")}</h3>
          <ol className="earlier">
            {(message.earlier_texts ?? []).slice(-20).map((each, index) => (
              <li key={index}>
                <time>{time(each.time_ms)}</time>
                <Body text={each.body ?? ""} spans={undefined} />
              </li>
            ))}
          </ol>
        </>
      )}
    </Dialog>
  );
}
