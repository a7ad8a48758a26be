// Messages that are more than text: places, polls, stickers, voice, contact cards.
import type { Message } from "../api/types";
import { useWords } from "../i18n";
import { go } from "../state/route";
import { clockTime, num, personName } from "../text/format";
import { excerpt, oneLine } from "../text/safe";
import { describe } from "../transport/transport";
import { Button, IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { barsOf, clock } from "../voice/loudness";
import { VoicePlayer } from "../voice/player";
import type { ConversationActions } from "./actions";
import { FileProgress } from "./files";

interface Props {
  message: Message;
  actions: ConversationActions;
  /** What can be used in the message that has the focus is next in the order of tabs. */
  tabIndex: 0 | -1;
}

export function KindView(props: Props) {
  const { message } = props;
  switch (message.kind) {
    case "LOCATION":
      return <PlaceView {...props} />;
    case "POLL":
      return <PollView {...props} />;
    case "STICKER":
      return <p className="sticker-words">{oneLine(message.sticker?.emoji, 8)}</p>;
    case "VOICE_NOTE":
      return <VoiceView {...props} />;
    case "CONTACT_CARD":
      return <CardView {...props} />;
    default:
      return null;
  }
}

export function degrees(e7: number | undefined): string {
  return ((e7 ?? 0) / 1e7).toFixed(5);
}

function PlaceView({ message, actions, tabIndex }: Props) {
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
          <a className="button plain small" href={`geo:${latitude},${longitude}`} tabIndex={tabIndex}>
            <span>{t("place.open")}</span>
          </a>
          <Button className="small" tabIndex={tabIndex} onClick={() => void navigator.clipboard.writeText(`${latitude}, ${longitude}`)}>
            {t("place.copy")}
          </Button>
          {live && message.outgoing === true && (
            <Button className="small" tabIndex={tabIndex} onClick={() => void actions.endLocation(message)}>
              {t("place.stop")}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

function PollView({ message, actions, tabIndex }: Props) {
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
                tabIndex={tabIndex}
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
        <Button className="small" tabIndex={tabIndex} onClick={() => void actions.closePoll(message)}>
          {t("poll.close")}
        </Button>
      )}
    </div>
  );
}

function CardView({ message, tabIndex }: Props) {
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
        <Button className="small" tabIndex={tabIndex} onClick={() => go({ page: "conversation", conversation: person })}>
          {t("card.write")}
        </Button>
      )}
    </div>
  );
}

function VoiceView({ message, actions, tabIndex }: Props) {
  const { t } = useWords();
  const file = message.files?.[0];
  const where = { conversation: message.conversation ?? "", message_id: message.message_id ?? "", position: file?.position ?? 0 };
  const durationMs = message.voice_note?.duration_ms ?? 0;
  const elsewhere = file?.state === "REMOTE" || file?.state === "FAILED";
  const name = oneLine(file?.name, 80) || t("kind.voice");
  const fetchIt = async (): Promise<void> => {
    const next = await actions.app.attempt("files.download", where);
    if (next !== undefined) actions.app.timelines.fileChanged({ ...next, ...where });
  };
  return (
    <div className="voice-message">
      {elsewhere ? (
        <div className="voice">
          <IconButton icon="download" className="voice-play" tabIndex={tabIndex} label={t("voice.fetch")} onClick={() => void fetchIt()} />
          <span className="hint">{file.state === "FAILED" ? file.failure || t("file.failed") : t("kind.voice")}</span>
          <span className="voice-time">{clock(durationMs / 1000)}</span>
        </div>
      ) : (
        <VoicePlayer
          bars={barsOf(message.voice_note?.waveform)}
          durationMs={durationMs}
          tabIndex={tabIndex}
          disabled={file?.state !== "HERE"}
          load={() => actions.app.files.url({ ...where, as: "original" })}
          onSave={() => void actions.app.files.save({ ...where, as: "original" }, name).catch((error: unknown) => actions.app.toast(describe(error), "bad"))}
        />
      )}
      {file !== undefined && (file.state === "UPLOADING" || file.state === "DOWNLOADING") && <FileProgress file={file} />}
    </div>
  );
}
