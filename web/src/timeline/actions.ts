// What can be done with a message. One object for a conversation, so that rows need no new functions when others change.
import type { Message } from "../api/types";
import type { App } from "../state/app";
import { go } from "../state/route";
import { num } from "../text/format";

/** What a window is opened for. */
export type Asked = "details" | "unsend" | "erase" | "forward";

const kForwarded: ReadonlySet<Message["kind"]> = new Set<Message["kind"]>(["TEXT", "LOCATION", "STICKER", "VOICE_NOTE", "CONTACT_CARD"]);

/** What the client passes on (docs/specs/content.md 10). */
export function isForwardable(message: Message): boolean {
  return kForwarded.has(message.kind) && message.unsent !== true && message.request !== true && num(message.expires_ms) === 0;
}

export interface Handlers {
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  show: (what: Asked, message: Message) => void;
}

export class ConversationActions {
  private handlers: Handlers | undefined;

  constructor(
    readonly app: App,
    readonly conversation: string,
  ) {}

  bind(handlers: Handlers): void {
    this.handlers = handlers;
  }

  reply(message: Message): void {
    this.handlers?.reply(message);
  }

  edit(message: Message): void {
    this.handlers?.edit(message);
  }

  show(what: Asked, message: Message): void {
    this.handlers?.show(what, message);
  }

  async react(message: Message, emoji: string): Promise<void> {
    await this.put("messages.react", message, { emoji });
  }

  async pin(message: Message, pinned: boolean): Promise<void> {
    await this.put("messages.pin", message, { pinned });
  }

  async vote(message: Message, options: number[]): Promise<void> {
    await this.put("messages.vote", message, { options });
  }

  async closePoll(message: Message): Promise<void> {
    await this.put("messages.close_poll", message, {});
  }

  async endLocation(message: Message): Promise<void> {
    await this.put("messages.move_location", message, {});
  }

  /** On this device, of this message. */
  async revealLinks(message: Message): Promise<void> {
    await this.put("requests.reveal_links", message, {});
  }

  jumpTo(id: string): void {
    go({ page: "conversation", conversation: this.conversation, message: id }, true);
  }

  private async put(
    method: "messages.react" | "messages.pin" | "messages.vote" | "messages.close_poll" | "messages.move_location" | "requests.reveal_links",
    message: Message,
    more: object,
  ): Promise<void> {
    const changed = await this.app.attempt(method, {
      conversation: this.conversation,
      message_id: message.message_id ?? "",
      ...more,
    });
    if (changed?.message_id !== undefined) this.app.timelines.changed(changed);
  }
}
