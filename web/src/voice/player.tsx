// A voice message: begin and pause, where it is and how long, with its loudness as the way to walk along. Nothing of
// the sound is read before somebody wants to hear it.
import { useRef, useState } from "react";
import { useWords } from "../i18n";
import { IconButton } from "../ui/controls";
import { clock, kFlat } from "./loudness";

export function VoicePlayer({
  bars = kFlat,
  durationMs,
  load,
  tabIndex = 0,
  disabled = false,
  onSave,
}: {
  bars?: readonly number[];
  durationMs: number;
  /** An address of the sound. */
  load: () => Promise<string>;
  tabIndex?: number;
  disabled?: boolean;
  /** Where this browser cannot play it. */
  onSave?: () => void;
}) {
  const { t } = useWords();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [broken, setBroken] = useState(false);
  const [at, setAt] = useState(0);
  const [measured, setMeasured] = useState(0);
  const length = measured > 0 ? measured : durationMs / 1000;

  const loaded = async (): Promise<HTMLAudioElement | undefined> => {
    const element = audio.current;
    if (element !== null && element.src === "") element.src = await load();
    return element ?? undefined;
  };
  const attempt = async (what: (element: HTMLAudioElement) => unknown): Promise<void> => {
    try {
      const element = await loaded();
      if (element !== undefined) await what(element);
      setBroken(false);
    } catch (error) {
      // Paused before it began is no failure.
      setBroken(!(error instanceof DOMException && error.name === "AbortError"));
    }
  };
  const toggle = (): void => {
    void attempt((element) => {
      if (!element.paused) return element.pause();
      // One voice at a time.
      document.querySelectorAll("audio").forEach((other) => other !== element && other.pause());
      return element.play();
    });
  };
  const walk = (seconds: number): void => {
    setAt(seconds);
    void attempt((element) => (element.currentTime = seconds));
  };

  return (
    <div className="voice" role="group" aria-label={t("kind.voice")}>
      <IconButton icon={playing ? "pause" : "play"} className="voice-play" label={t(playing ? "voice.pause" : "voice.play")} tabIndex={tabIndex} disabled={disabled} onClick={toggle} />
      <div className="voice-track">
        <svg viewBox={`0 0 ${bars.length * 3} 32`} preserveAspectRatio="none" aria-hidden="true">
          {bars.map((height, index) => {
            const tall = Math.max(2, (height / 255) * 30);
            return <rect key={index} x={index * 3} y={16 - tall / 2} width="2" height={tall} rx="1" fill="currentColor" opacity={length > 0 && index / bars.length < at / length ? 1 : 0.45} />;
          })}
        </svg>
        <input
          type="range"
          min={0}
          max={Math.max(0.1, length)}
          step={0.1}
          value={Math.min(at, Math.max(0.1, length))}
          tabIndex={tabIndex}
          disabled={disabled}
          aria-label={t("voice.position")}
          aria-valuetext={t("voice.at", { at: clock(at), of: clock(length) })}
          onChange={(event) => walk(Number(event.target.value))}
        />
      </div>
      <span className="voice-time">{clock(at > 0 ? at : length)}</span>
      {broken && (
        <p className="voice-broken" role="alert">
          {t("voice.broken")}{" "}
          {onSave !== undefined && (
            <button type="button" className="meta-button" onClick={onSave}>
              {t("voice.save")}
            </button>
          )}
        </p>
      )}
      <audio
        ref={audio}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onLoadedMetadata={(event) => Number.isFinite(event.currentTarget.duration) && setMeasured(event.currentTarget.duration)}
        onEnded={() => setAt(0)}
      />
    </div>
  );
}
