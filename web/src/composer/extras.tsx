// Messages that are more than text, each asked for in a small window.
import { type FormEvent, useEffect, useState } from "react";
import type { Conversation, SendRequest } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { localTime } from "../scheduled/scheduled";
import { clockTime, num } from "../text/format";
import { describe } from "../transport/transport";
import { Banner, Button, Field, Switch } from "../ui/controls";
import { Dialog } from "../ui/dialog";
import { type Drawing, drawnAnew } from "../ui/picture";
import { oneGrapheme } from "../timeline/message_menu";
import { TimerChoice } from "../details/timer";

export type Extra = "poll" | "place" | "card" | "sticker" | "schedule" | "timer";

interface Props {
  extra: Extra;
  conversation: Conversation;
  send: (more: Partial<SendRequest>) => Promise<boolean>;
  schedule: (due_ms: string) => Promise<boolean>;
  onClose: () => void;
}

export function ExtraDialog(props: Props) {
  switch (props.extra) {
    case "poll":
      return <PollDialog {...props} />;
    case "place":
      return <PlaceDialog {...props} />;
    case "card":
      return <CardDialog {...props} />;
    case "sticker":
      return <StickerDialog {...props} />;
    case "schedule":
      return <ScheduleDialog {...props} />;
    case "timer":
      return <TimerDialog {...props} />;
  }
}

/** A form in a window that closes when what it asked for was done. */
function Form({
  title,
  action,
  ready,
  submit,
  onClose,
  children,
}: {
  title: string;
  action: string;
  ready: boolean;
  submit: () => Promise<boolean>;
  onClose: () => void;
  children: React.ReactNode;
}) {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={async (event: FormEvent) => {
          event.preventDefault();
          setBusy(true);
          if (await submit()) onClose();
          setBusy(false);
        }}
      >
        {children}
        <div className="buttons end">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" tone="main" busy={busy} disabled={!ready}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const kMostOptions = 12;

function PollDialog({ send, onClose }: Props) {
  const { t } = useWords();
  const [question, setQuestion] = useState("");
  const [options, setOptions] = useState(["", ""]);
  const [multiple, setMultiple] = useState(false);
  const filled = options.map((each) => each.trim()).filter((each) => each !== "");
  return (
    <Form title={t("extra.poll")} action={t("poll.ask")} ready={question.trim() !== "" && filled.length >= 2} submit={() => send({ poll: { question: question.trim(), options: filled, multiple } })} onClose={onClose}>
      <Field label={t("poll.question")} name="question" autoFocus value={question} onChange={(event) => setQuestion(event.target.value)} />
      {options.map((option, index) => (
        <Field
          key={index}
          label={t("poll.option", { number: index + 1 })}
          name={`option-${index + 1}`}
          value={option}
          onChange={(event) => {
            const next = options.map((each, at) => (at === index ? event.target.value : each));
            if (next[next.length - 1] !== "" && next.length < kMostOptions) next.push("");
            setOptions(next);
          }}
        />
      ))}
      <Switch label={t("poll.multiple")} checked={multiple} onChange={setMultiple} />
    </Form>
  );
}

function PlaceDialog({ send, onClose }: Props) {
  const { t } = useWords();
  const [latitude, setLatitude] = useState("");
  const [longitude, setLongitude] = useState("");
  const [name, setName] = useState("");
  const [accuracy, setAccuracy] = useState(0);
  const [live, setLive] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const [asking, setAsking] = useState(false);
  const north = Number(latitude.replace(",", "."));
  const east = Number(longitude.replace(",", "."));
  const ready = latitude !== "" && longitude !== "" && Math.abs(north) <= 90 && Math.abs(east) <= 180;
  const ask = (): void => {
    setAsking(true);
    setFailure(undefined);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setLatitude(coords.latitude.toFixed(6));
        setLongitude(coords.longitude.toFixed(6));
        setAccuracy(Math.round(coords.accuracy));
        setAsking(false);
      },
      () => {
        setFailure(t("place.refused"));
        setAsking(false);
      },
      { enableHighAccuracy: true, timeout: 20_000 },
    );
  };
  return (
    <Form
      title={t("extra.place")}
      action={t("place.send")}
      ready={ready}
      onClose={onClose}
      submit={() =>
        send({
          location: {
            latitude_e7: Math.round(north * 1e7),
            longitude_e7: Math.round(east * 1e7),
            ...(name.trim() !== "" && { name: name.trim() }),
            ...(accuracy > 0 && { accuracy_m: accuracy }),
            ...(live && { live_until_ms: String(Date.now() + 3600_000) }),
          },
        })
      }
    >
      <p className="hint">{t("place.words")}</p>
      <Button icon="place" busy={asking} onClick={ask}>
        {t("place.here")}
      </Button>
      {failure !== undefined && <Banner tone="warn">{failure}</Banner>}
      <div className="two">
        <Field label={t("place.latitude")} name="latitude" inputMode="decimal" value={latitude} onChange={(event) => setLatitude(event.target.value)} />
        <Field label={t("place.longitude")} name="longitude" inputMode="decimal" value={longitude} onChange={(event) => setLongitude(event.target.value)} />
      </div>
      <Field label={t("place.name")} name="name" value={name} onChange={(event) => setName(event.target.value)} />
      <Switch label={t("place.share_live")} hint={t("place.share_live_hint")} checked={live} onChange={setLive} />
    </Form>
  );
}

function CardDialog({ send, onClose }: Props) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [handle, setHandle] = useState("");
  const [phone, setPhone] = useState("");
  const [mail, setMail] = useState("");
  return (
    <Form
      title={t("extra.card")}
      action={t("card.send")}
      ready={name.trim() !== ""}
      onClose={onClose}
      submit={() =>
        send({
          contact_card: {
            name: name.trim(),
            ...(handle.trim() !== "" && { handle: handle.trim() }),
            ...(phone.trim() !== "" && { phones: [phone.trim()] }),
            ...(mail.trim() !== "" && { mails: [mail.trim()] }),
          },
        })
      }
    >
      <Field label={t("card.name")} name="name" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
      <Field label={t("card.handle")} name="handle" autoCapitalize="none" value={handle} onChange={(event) => setHandle(event.target.value)} />
      <Field label={t("card.phone")} name="phone" type="tel" value={phone} onChange={(event) => setPhone(event.target.value)} />
      <Field label={t("card.mail")} name="mail" type="email" value={mail} onChange={(event) => setMail(event.target.value)} />
    </Form>
  );
}

/** Larger than a sticker is shown, for dense screens. */
const kSticker: Drawing = { edge: 512, square: false, type: "image/webp", name: "sticker" };
const kFeelings = ["🙂", "😂", "❤️", "👍", "😢", "🎉"] as const;

function StickerDialog({ send, onClose }: Props) {
  const { t } = useWords();
  const app = useApp();
  const [drawn, setDrawn] = useState<{ file: File; url: string } | undefined>(undefined);
  const [emoji, setEmoji] = useState<string>(kFeelings[0]);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  useEffect(() => () => (drawn === undefined ? undefined : URL.revokeObjectURL(drawn.url)), [drawn]);
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setFailure(undefined);
    try {
      const made = await drawnAnew(file, kSticker);
      setDrawn({ file: made, url: URL.createObjectURL(made) });
    } catch {
      setFailure(t("picture.unreadable"));
    }
  };
  return (
    <Form
      title={t("extra.sticker")}
      action={t("sticker.send")}
      ready={drawn !== undefined && oneGrapheme(emoji)}
      onClose={onClose}
      submit={async () => {
        if (drawn === undefined) return false;
        try {
          const { upload } = await app.transport.upload(drawn.file, () => undefined, new AbortController().signal);
          return await send({ sticker: { emoji: emoji.trim() }, files: [{ upload, name: drawn.file.name }] });
        } catch (error) {
          setFailure(describe(error));
          return false;
        }
      }}
    >
      <p className="hint">{t("sticker.words")}</p>
      <div className="sticker-choice">
        {drawn !== undefined && <img src={drawn.url} alt={t("sticker.picture")} />}
        <label className="button plain file-button">
          {t(drawn === undefined ? "sticker.choose" : "sticker.choose_other")}
          <input type="file" accept="image/*" className="only-read" onChange={(event) => void choose(event.target.files?.[0])} />
        </label>
      </div>
      <Field label={t("sticker.emoji")} name="emoji" maxLength={32} value={emoji} onChange={(event) => setEmoji(event.target.value)} />
      <div className="buttons presets" role="group" aria-label={t("sticker.emoji")}>
        {kFeelings.map((each) => (
          <Button key={each} className="small" aria-pressed={emoji === each} onClick={() => setEmoji(each)}>
            {each}
          </Button>
        ))}
      </div>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
    </Form>
  );
}

/** Times that people mean most often: in an hour, this evening while it is not, tomorrow morning. */
function soon(now: number): { name: "in_an_hour" | "this_evening" | "tomorrow"; at: number }[] {
  const at = (days: number, hour: number): number => {
    const day = new Date(now);
    return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hour).getTime();
  };
  const all = [{ name: "in_an_hour", at: Math.ceil(now / 60_000) * 60_000 + 3600_000 }, { name: "this_evening", at: at(0, 19) }, { name: "tomorrow", at: at(1, 8) }] as const;
  return all.filter((each) => each.at > now + 60_000);
}

function ScheduleDialog({ conversation, schedule, onClose }: Props) {
  const { t, locale } = useWords();
  const [when, setWhen] = useState("");
  const due = when === "" ? 0 : new Date(when).getTime();
  return (
    <Form title={t("extra.schedule")} action={t("schedule.action")} ready={due > Date.now()} submit={() => schedule(String(due))} onClose={onClose}>
      <p className="hint">{t("schedule.words")}</p>
      {(conversation.guests ?? []).length > 0 && <Banner icon="lock">{t("schedule.without_guests")}</Banner>}
      <div className="buttons presets">
        {soon(Date.now()).map(({ name, at }) => (
          <Button key={name} className="small" aria-pressed={when === localTime(at)} onClick={() => setWhen(localTime(at))}>
            {t(`schedule.${name}`)} <span className="hint">{clockTime(at, locale)}</span>
          </Button>
        ))}
      </div>
      <Field label={t("schedule.when")} name="when" type="datetime-local" min={localTime(Date.now())} value={when} onChange={(event) => setWhen(event.target.value)} />
    </Form>
  );
}

function TimerDialog({ conversation, onClose }: Props) {
  const { t } = useWords();
  const app = useApp();
  const [seconds, setSeconds] = useState(num(conversation.settings?.timer_s));
  return (
    <Form
      title={t("extra.timer")}
      action={t("save")}
      ready
      onClose={onClose}
      submit={async () => {
        const record = await app.attempt("conversations.set_timer", { conversation: conversation.conversation ?? "", seconds: String(seconds) });
        if (record !== undefined) app.putConversation(record);
        return record !== undefined;
      }}
    >
      <p className="hint">{t("timer.words")}</p>
      <TimerChoice value={seconds} onChange={setSeconds} />
    </Form>
  );
}
