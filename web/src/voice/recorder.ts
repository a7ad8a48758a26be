// A voice from the microphone, as a file with its length and loudness. The microphone is let go whatever happens.
import { loudness } from "./loudness";
import { oggOf } from "./ogg";
import { opusOf } from "./webm";

/** Longer is no message any more; it ends there by itself. */
export const kLongestMs = 10 * 60_000;
/** Speech at 48 kHz needs no more. */
const kBitsPerSecond = 32_000;
/** Enough to see how loud it is. */
const kLookedAtHz = 8000;
/** What browsers can make, the best for others first. */
const kTypes = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"] as const;

const kEndings: Partial<Record<string, string>> = { "audio/ogg": "ogg", "audio/mp4": "m4a" };

export interface Recorded {
  file: File;
  durationMs: number;
  waveform: Uint8Array;
}

export class Recorder {
  private readonly parts: Blob[] = [];
  private readonly began = performance.now();
  private readonly context = new AudioContext();
  private readonly analyser = this.context.createAnalyser();
  private readonly seen = new Float32Array(this.analyser.fftSize);

  private constructor(
    private readonly stream: MediaStream,
    private readonly recorder: MediaRecorder,
  ) {
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    recorder.ondataavailable = (event) => this.parts.push(event.data);
    recorder.start();
  }

  /** Asks for the microphone. Fails if there is none, or the user does not want it. */
  static async start(): Promise<Recorder> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    try {
      const mimeType = kTypes.find((type) => MediaRecorder.isTypeSupported(type));
      return new Recorder(stream, new MediaRecorder(stream, { audioBitsPerSecond: kBitsPerSecond, ...(mimeType !== undefined && { mimeType }) }));
    } catch (error) {
      stream.getTracks().forEach((track) => track.stop());
      throw error;
    }
  }

  get elapsedMs(): number {
    return performance.now() - this.began;
  }

  /** How loud it is now, 0 to 1. */
  level(): number {
    this.analyser.getFloatTimeDomainData(this.seen);
    return Math.min(1, this.seen.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
  }

  async stop(): Promise<Recorded> {
    const elapsed = this.elapsedMs;
    // It has ended by itself where the microphone was pulled out.
    if (this.recorder.state !== "inactive") {
      const ended = new Promise((resolve) => (this.recorder.onstop = resolve));
      this.recorder.stop();
      await ended;
    }
    this.discard();
    const type = this.recorder.mimeType.split(";")[0] ?? "";
    return made(new Uint8Array(await new Blob(this.parts).arrayBuffer()), type, elapsed);
  }

  discard(): void {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    this.stream.getTracks().forEach((track) => track.stop());
    void this.context.close().catch(() => undefined);
  }
}

async function made(octets: Uint8Array<ArrayBuffer>, type: string, elapsedMs: number): Promise<Recorded> {
  const stream = type === "audio/webm" ? opusOf(octets) : undefined;
  if (stream !== undefined) {
    const ogg = oggOf(stream);
    const heard = await listen(ogg);
    if (heard !== undefined) return { file: new File([ogg], "voice.ogg", { type: "audio/ogg" }), ...heard };
  }
  const heard = (await listen(octets)) ?? { durationMs: Math.round(elapsedMs), waveform: new Uint8Array() };
  return { file: new File([octets], `voice.${kEndings[type] ?? "webm"}`, { type }), ...heard };
}

/** Undefined if the browser cannot decode it. */
async function listen(octets: Uint8Array<ArrayBuffer>): Promise<Pick<Recorded, "durationMs" | "waveform"> | undefined> {
  try {
    // The copy is the decoder's to keep.
    const sound = await new OfflineAudioContext(1, 1, kLookedAtHz).decodeAudioData(octets.slice().buffer);
    return { durationMs: Math.round(sound.duration * 1000), waveform: loudness(sound.getChannelData(0)) };
  } catch {
    return undefined;
  }
}
