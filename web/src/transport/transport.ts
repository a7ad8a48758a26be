// The one way in which the interface reaches the client: calls, events, octets of files. The agent is behind it today
// (agent.ts); a core in the browser can take its place without a change elsewhere. Knows nothing of records.
import type { EventRecord, Methods } from "../api/types";

export type Link = "connecting" | "up" | "down";

export interface UploadedFile {
  upload: string;
  name: string;
  size: number;
}

export interface FileWanted {
  conversation: string;
  message_id: string;
  position: number;
  as: "original" | "thumbnail" | "clean";
}

export interface Transport {
  call<M extends keyof Methods>(method: M, params: Methods[M][0]): Promise<Methods[M][1]>;
  onEvent(handler: (record: EventRecord) => void): () => void;
  /** Tells at once how the link is, and then every change. */
  onLink(handler: (link: Link) => void): () => void;
  /** `progress` gets 0 to 1. */
  upload(file: File, progress: (part: number) => void, signal: AbortSignal): Promise<UploadedFile>;
  file(wanted: FileWanted): Promise<Blob>;
}

/** Why a call failed, with the next step in words; `code` is the client's (docs/cli.md), or "link" or "protocol". */
export class CallError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What went wrong, in words for whoever looks at a page. */
export function describe(error: unknown): string {
  return withoutCommands(error instanceof Error ? error.message : String(error));
}

/** Without what is said of commands to whoever sits at a terminal. */
export function withoutCommands(words: string): string {
  const kept = words.split("; ").filter((part) => !part.includes("`sotto "));
  return kept.length === 0 ? words : kept.join("; ");
}
