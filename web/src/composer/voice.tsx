// A voice message in the place of the line for text: recorded, listened to, sent or thrown away. Nothing of it leaves
// the page before it is sent.
import { useEffect, useRef, useState } from "react";
import type { SendRequest } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { describe } from "../transport/transport";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { base64, barsOf, clock } from "../voice/loudness";
import { VoicePlayer } from "../voice/player";
import { kLongestMs, type Recorded, Recorder } from "../voice/recorder";

const kLookEveryMs = 100;

type Step = { at: "asking" } | { at: "recording"; recorder: Recorder } | { at: "recorded"; recorded: Recorded; url: string } | { at: "refused" };

export function VoiceComposer({ action, send, onClose }: { action: string; send: (more: Partial<SendRequest>) => Promise<boolean>; onClose: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const [step, setStep] = useState<Step>({ at: "asking" });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const main = useRef<HTMLButtonElement>(null);

  // The microphone is on for exactly as long as this says so.
  const live = useRef<Recorder | undefined>(undefined);
  const url = useRef("");
  const left = useRef(false);
  useEffect(() => {
    let gone = false;
    left.current = false;
    Recorder.start().then(
      (recorder) => {
        if (gone) return recorder.discard();
        live.current = recorder;
        setStep({ at: "recording", recorder });
      },
      () => !gone && setStep({ at: "refused" }),
    );
    return () => {
      gone = true;
      left.current = true;
      live.current?.discard();
      URL.revokeObjectURL(url.current);
    };
  }, []);
  useEffect(() => main.current?.focus(), [step.at]);

  const stop = async (recorder: Recorder): Promise<void> => {
    if (live.current !== recorder) return;
    live.current = undefined;
    const recorded = await recorder.stop();
    if (left.current) return;
    url.current = URL.createObjectURL(recorded.file);
    setStep({ at: "recorded", recorded, url: url.current });
  };

  const submit = async ({ file, durationMs, waveform }: Recorded): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      const { upload } = await app.transport.upload(file, () => undefined, new AbortController().signal);
      if (await send({ voice_note: { duration_ms: durationMs, waveform: base64(waveform) }, files: [{ upload, name: file.name }] })) return onClose();
    } catch (error) {
      setFailure(describe(error));
    }
    setBusy(false);
  };

  const away = <IconButton icon="trash" label={t(step.at === "refused" ? "close" : "voice.throw_away")} onClick={onClose} />;
  return (
    <div className="composer-voice" role="group" aria-label={t("voice.record")}>
      {failure !== undefined && (
        <p className="error" role="alert">
          {failure}
        </p>
      )}
      <div className="composer-line">
        {step.at !== "refused" && away}
        {step.at === "asking" && (
          <p className="voice-words" role="status">
            {t("voice.asking")}
          </p>
        )}
        {step.at === "refused" && (
          <>
            <p className="voice-words error" role="alert">
              {t("voice.refused")}
            </p>
            <IconButton icon="close" label={t("close")} onClick={onClose} />
          </>
        )}
        {step.at === "recording" && (
          <>
            <Running recorder={step.recorder} onEnd={() => void stop(step.recorder)} />
            <button ref={main} type="button" className="send" aria-label={t("voice.stop")} title={t("voice.stop")} onClick={() => void stop(step.recorder)}>
              <Icon name="stop" />
            </button>
          </>
        )}
        {step.at === "recorded" && (
          <>
            <VoicePlayer bars={barsOf(base64(step.recorded.waveform))} durationMs={step.recorded.durationMs} load={() => Promise.resolve(step.url)} />
            <button ref={main} type="button" className="send" disabled={busy} aria-label={action} title={action} onClick={() => void submit(step.recorded)}>
              {busy ? <span className="spinner small" aria-hidden="true" /> : <Icon name="send" />}
            </button>
          </>
        )}
      </div>
    </div>
  );
}

/** How long it is, and whether anything is heard. */
function Running({ recorder, onEnd }: { recorder: Recorder; onEnd: () => void }) {
  const { t } = useWords();
  const [now, setNow] = useState({ ms: 0, level: 0 });
  const ended = useRef(onEnd);
  ended.current = onEnd;
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow({ ms: recorder.elapsedMs, level: recorder.level() });
      if (recorder.elapsedMs >= kLongestMs) ended.current();
    }, kLookEveryMs);
    return () => window.clearInterval(timer);
  }, [recorder]);
  return (
    <div className="voice-running">
      <span className="voice-dot" aria-hidden="true" />
      <span role="status">{t("voice.recording")}</span>
      <progress max={1} value={now.level} aria-hidden="true" />
      <span className="voice-time" role="timer">
        {clock(now.ms / 1000)}
      </span>
    </div>
  );
}
