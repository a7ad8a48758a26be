// Calls and events over any connection to the agent that stays (docs/specs/agent.md). No dependencies.
import type { CommandError, EventRecord, Methods, Subscription } from "./types.js";

/** One connection; whoever makes it calls the agent back with what arrives. */
export interface Channel {
  send(text: string): void;
  close(): void;
}
export interface Receiver {
  receive(text: string): void;
  closed(reason: string): void;
}

/** The agent said no: `code` is a word of docs/cli.md's table ("no_such_user"), "protocol", or "closed". */
export class AgentError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly exitCode: number = 1,
  ) {
    super(message);
    this.name = "AgentError";
  }
}

/** Events that nobody read are no longer kept: read the conversations, then go on. */
export class GapError extends AgentError {
  constructor() {
    super("gap", "events were missed");
  }
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: AgentError): void;
}

interface Text {
  id?: number | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message?: string; data?: CommandError };
}

export interface EventOptions {
  /** Name of a cursor that the agent keeps: begins where it stopped. An event counts as read when the next is asked for. */
  consumer?: string;
  /** Instead: after this number. Neither: what happens from now on. */
  since?: string;
}

export class Agent implements Receiver {
  private next = 1;
  private over: AgentError | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private readonly told: Text[] = [];
  private wake: (() => void) | undefined;
  private channel: Channel | undefined;

  /** To be called once by whoever made the channel. */
  attach(channel: Channel): this {
    this.channel = channel;
    return this;
  }

  call<M extends keyof Methods>(method: M, params: Methods[M][0] = {} as Methods[M][0]): Promise<Methods[M][1]> {
    const id = this.next++;
    return new Promise<Methods[M][1]>((resolve, reject) => {
      if (this.over !== undefined || this.channel === undefined) {
        reject(this.over ?? new AgentError("closed", "there is no connection"));
        return;
      }
      this.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.channel.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  /** What happens from this call on, for as long as the connection lasts. Throws GapError if events were missed. */
  events(options: EventOptions = {}): AsyncGenerator<EventRecord, void, undefined> {
    const asked = this.call("events.subscribe", options);
    asked.catch(() => undefined); // whoever reads on is told
    return this.listen(asked, options.consumer);
  }

  private async *listen(asked: Promise<Subscription>, consumer: string | undefined): AsyncGenerator<EventRecord, void, undefined> {
    const begun = await asked;
    if (begun.gap === true) {
      if (consumer !== undefined) {
        const sequence = String(BigInt(begun.oldest ?? "1") - 1n);
        await this.call("events.acknowledge", { consumer, sequence });
      }
      throw new GapError();
    }
    for (;;) {
      const text = this.told.shift();
      if (text === undefined) {
        if (this.over !== undefined) return;
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      if (text.method === "gap") throw new GapError();
      if (text.method !== "event") continue;
      const record = text.params as EventRecord;
      yield record;
      if (consumer !== undefined && record.sequence !== undefined) {
        await this.call("events.acknowledge", { consumer, sequence: record.sequence });
      }
    }
  }

  close(): void {
    this.channel?.close();
    this.closed("the connection was closed");
  }

  receive(line: string): void {
    const parsed = JSON.parse(line) as Text | Text[];
    for (const text of Array.isArray(parsed) ? parsed : [parsed]) this.take(text);
  }

  closed(reason: string): void {
    this.over ??= new AgentError("closed", reason);
    for (const each of this.waiting.values()) each.reject(this.over);
    this.waiting.clear();
    this.wake?.();
  }

  private take(text: Text): void {
    if (text.method !== undefined) {
      this.told.push(text);
      this.wake?.();
      return;
    }
    const waiting = typeof text.id === "number" ? this.waiting.get(text.id) : undefined;
    if (waiting === undefined || typeof text.id !== "number") return;
    this.waiting.delete(text.id);
    if (text.error === undefined) {
      waiting.resolve(text.result);
    } else {
      const { data, message } = text.error;
      waiting.reject(new AgentError(data?.code ?? "protocol", message ?? "unknown error", data?.exit_code ?? 1));
    }
  }
}
