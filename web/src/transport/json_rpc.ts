// JSON-RPC 2.0 as the agent speaks it (docs/specs/agent.md), without a socket: what is asked and what comes back.
import type { EventRecord } from "../api/types";
import { CallError } from "./transport";

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: CallError) => void;
}

interface Answer {
  id?: number | string | null;
  result?: unknown;
  error?: { code?: number; message?: string; data?: { code?: string; message?: string } };
  method?: string;
  params?: unknown;
}

/** Calls that wait at once: the agent takes 100 of a connection (docs/specs/agent.md 3). */
export const kMaxWaiting = 96;

export class JsonRpc {
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly send: (text: string) => void,
    private readonly event: (record: EventRecord) => void,
    /** The agent could not keep events for this connection: what is known may be old. */
    private readonly gap: () => void = () => undefined,
  ) {}

  call(method: string, params: unknown): Promise<unknown> {
    if (this.waiting.size >= kMaxWaiting) {
      return Promise.reject(new CallError("link", "The agent does not answer. Is it still running?"));
    }
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      try {
        this.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      } catch (error) {
        this.waiting.delete(id);
        reject(new CallError("link", error instanceof Error ? error.message : "not connected"));
      }
    });
  }

  /** Takes one message of the agent; what makes no sense is dropped. */
  receive(text: string): void {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return;
    }
    for (const one of Array.isArray(parsed) ? parsed : [parsed]) this.take(one as Answer | null);
  }

  /** Fails everything that waits: its answers will not come any more. */
  close(message: string): void {
    for (const waiting of this.waiting.values()) waiting.reject(new CallError("link", message));
    this.waiting.clear();
  }

  private take(answer: Answer | null): void {
    if (answer === null || typeof answer !== "object") return;
    if (answer.method === "event" && answer.params !== null && typeof answer.params === "object") {
      this.event(answer.params as EventRecord);
      return;
    }
    if (answer.method === "gap") {
      this.gap();
      return;
    }
    if (typeof answer.id !== "number") return;
    const waiting = this.waiting.get(answer.id);
    if (waiting === undefined) return;
    this.waiting.delete(answer.id);
    if (answer.error !== undefined) {
      const { data, message } = answer.error;
      waiting.reject(new CallError(data?.code ?? "protocol", data?.message ?? message ?? "The agent refused the call."));
    } else {
      waiting.resolve(answer.result ?? {});
    }
  }
}
