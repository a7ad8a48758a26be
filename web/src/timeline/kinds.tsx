// Messages that are more than text: places, polls, stickers, voice, contact cards.
import { useEffect, useMemo, useState } from "react";
import type { Message } from "../api/types";
import { useWords } from "../i18n";
import { go } from "../state/route";
import { clockTime, num, personName } from "../text/format";
import { excerpt, oneLine } from "../text/safe";
import { Button } from "../ui/controls";
import { Icon } from "../ui/icons";
import type { ConversationActions } from "./actions";

export function KindView({ message, actions }: { message: Message; actions: ConversationActions }) {
  switch (message.kind) {
    case "LOCATION":
      return <PlaceView message={message} actions={actions} />;
    case "POLL":
      return <PollView message={message} actions={actions} />;
    case "STICKER":
      return <p className="sticker-words">{oneLine(message.sticker?.emoji, 8)}</p>;
    case "VOICE_NOTE":
      return <VoiceView message={message} actions={actions} />;
    case "CONTACT_CARD":
      return <CardView message={message} />;
    default:
      return null;
  }
}

export function degrees(e7: number | undefined): string {
  return ((e7 ?? 0) / 1e7).toFixed(5);
}

function PlaceView({ message, actions }: { message: Message; actions: ConversationActions }) {
  const { t, locale } = useWords();
  const place = message.location ?? {};
  const latitude = degrees(place.latitude_e7);
  const longitude = degrees(place.longitude_e7);
  const until = num(place.live_until_ms);
  const live = until > Date.now();
  return (
    <div className="place">
      <span className="place-pin">
        <Icon name="place" size={24} />
      </span>
      <div>
        <bdi className="place-name">{oneLine(place.name) || t(until > 0 ? "place.live" : "place.title")}</bdi>
        <p className="mono">
          {latitude}, {longitude}
        </p>
        {(place.accuracy_m ?? 0) > 0 && <p className="hint">{t("place.accuracy", { metres: place.accuracy_m ?? 0 })}</p>}
        {until > 0 && <p className="hint">{live ? t("place.until", { time: clockTime(until, locale) }) : t("place.ended")}</p>}
        <div className="buttons">
          <a className="button plain small" href={`geo:${latitude},${longitude}`} tabIndex={-1}>
            <span>{t("place.open")}</span>
          </a>
          <Button className="small" tabIndex={-1} onClick={() => void navigator.clipboard.writeText(`${latitude}, ${longitude}`)}>
            {t("place.copy")}
          </Button>
          {live && message.outgoing === true && (
            <Button className="small" tabIndex={-1} onClick={() => void actions.endLocation(message)}>
              {t("place.stop")}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

function PollView({ message, actions }: { message: Message; actions: ConversationActions }) {
  const { t, n } = useWords();
  const poll = message.poll ?? {};
  const own = actions.app.state.get().status;
  const options = poll.options ?? [];
  const isOwn = (voter: string): boolean => voter === own?.handle || voter === own?.account;
  const chosen = options.flatMap((option, index) => ((option.voters ?? []).some(isOwn) ? [index] : []));
  const voters = new Set(options.flatMap((option) => option.voters ?? []));
  const vote = (index: number): void => {
    const on = chosen.includes(index);
    const next = poll.multiple === true ? (on ? chosen.filter((each) => each !== index) : [...chosen, index]) : on ? [] : [index];
    void actions.vote(message, next.sort((a, b) => a - b));
  };
  return (
    <div className="poll" role="group" aria-label={excerpt(poll.question)}>
      <p className="poll-question" dir="auto">
        {excerpt(poll.question, 300)}
      </p>
      <p className="hint">{t(poll.closed === true ? "poll.closed" : poll.multiple === true ? "poll.several" : "poll.choose_one")}</p>
      <ul>
        {options.map((option, index) => {
          const count = (option.voters ?? []).length;
          const share = voters.size === 0 ? 0 : Math.round((100 * count) / voters.size);
          const on = chosen.includes(index);
          return (
            <li key={index}>
              <button
                type="button"
                role={poll.multiple === true ? "checkbox" : "radio"}
                aria-checked={on}
                tabIndex={-1}
                disabled={poll.closed === true}
                className={on ? "option on" : "option"}
                title={(option.voters ?? []).slice(0, 12).map(personName).join(", ")}
                onClick={() => vote(index)}
              >
                <span className="option-words">
                  <span className="option-mark">{on && <Icon name="check" size={14} />}</span>
                  <bdi>{excerpt(option.text, 160)}</bdi>
                  <span className="option-count">{count}</span>
                </span>
                <progress max={100} value={share} aria-hidden="true" />
              </button>
            </li>
          );
        })}
      </ul>
      <p className="hint">{n("poll.voters", voters.size)}</p>
      {message.outgoing === true && poll.closed !== true && (
        <Button className="small" tabIndex={-1} onClick={() => void actions.closePoll(message)}>
          {t("poll.close")}
        </Button>
      )}
    </div>
  );
}

function CardView({ message }: { message: Message }) {
  const { t } = useWords();
  const card = message.contact_card ?? {};
  const person = card.handle || card.account;
  return (
    <div className="card">
      <p className="card-top">
        <Icon name="card" />
        <bdi>{oneLine(card.name) || oneLine(card.handle)}</bdi>
      </p>
      {[card.handle, ...(card.phones ?? []), ...(card.mails ?? [])]
        .filter((each): each is string => (each ?? "") !== "")
        .slice(0, 8)
        .map((each) => (
          <p key={each}>
            <bdi>{oneLine(each)}</bdi>
          </p>
        ))}
      <p className="hint">{t("card.unproven")}</p>
      {person !== undefined && person !== "" && (
        <Button className="small" tabIndex={-1} onClick={() => go({ page: "conversation", conversation: person })}>
          {t("card.write")}
        </Button>
      )}
    </div>
  );
}

function VoiceView({ message, actions }: { message: Message; actions: ConversationActions }) {
  const { t } = useWords();
  const [url, setUrl] = useState<string | undefined>(undefined);
  const here = message.files?.[0]?.state === "HERE";
  const bars = useMemo(() => {
    try {
      return Array.from(atob(message.voice_note?.waveform ?? "").slice(0, 64), (sign) => sign.charCodeAt(0));
    } catch {
      return [];
    }
  }, [message.voice_note?.waveform]);
  useEffect(() => {
    if (!here) return;
    actions.app.files
      .url({ conversation: message.conversation ?? "", message_id: message.message_id ?? "", position: 0, as: "original" })
      .then(setUrl, () => undefined);
  }, [here, actions, message.conversation, message.message_id]);
  const seconds = Math.round((message.voice_note?.duration_ms ?? 0) / 1000);
  return (
    <div className="voice">
      <svg viewBox="0 0 192 32" role="img" aria-label={t("kind.voice")} preserveAspectRatio="none">
        {bars.map((height, index) => (
          <rect key={index} x={index * 3} y={16 - (height / 255) * 15} width="2" height={Math.max(2, (height / 255) * 30)} rx="1" fill="currentColor" />
        ))}
      </svg>
      <span className="hint">
        {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, "0")}
      </span>
      {url !== undefined && <audio controls src={url} aria-label={t("kind.voice")} />}
    </div>
  );
}
