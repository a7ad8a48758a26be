// The windows of the conversations that were opened, and the pages asked for them.
import type { AttachedFile, HistoryRequest, Message } from "../api/types";
import { describe } from "../transport/transport";
import type { App } from "./app";
import { Store } from "./store";
import { type Timeline, erase, first, kEmpty, kPage, newer, older, upsert } from "./timeline";

/** Windows that stay in memory for going back to them. */
const kKept = 6;

export class Timelines {
  private readonly open = new Map<string, Store<Timeline>>();

  constructor(private readonly app: App) {}

  of(conversation: string): Store<Timeline> {
    let store = this.open.get(conversation);
    if (store !== undefined) {
      this.open.delete(conversation);
      this.open.set(conversation, store);
      return store;
    }
    store = new Store<Timeline>(kEmpty);
    this.open.set(conversation, store);
    for (const oldest of this.open.keys()) {
      if (this.open.size <= kKept) break;
      this.open.delete(oldest);
    }
    void this.newest(conversation);
    return store;
  }

  async newest(conversation: string): Promise<void> {
    await this.replace(conversation, {});
  }

  /** Moves the window to around one message; false if it is not there any more. */
  async around(conversation: string, id: string): Promise<boolean> {
    const store = this.of(conversation);
    if (store.get().messages.some((message) => message.message_id === id)) return true;
    await this.replace(conversation, { around: id });
    return store.get().messages.some((message) => message.message_id === id);
  }

  async before(conversation: string): Promise<void> {
    const store = this.of(conversation);
    const id = store.get().messages[0]?.message_id;
    if (store.get().loading !== undefined || !store.get().moreBefore || id === undefined) return;
    await this.page(conversation, store, "before", { before: id });
  }

  async after(conversation: string): Promise<void> {
    const store = this.of(conversation);
    const messages = store.get().messages;
    const id = messages[messages.length - 1]?.message_id;
    if (store.get().loading !== undefined || !store.get().moreAfter || id === undefined) return;
    await this.page(conversation, store, "after", { after: id });
  }

  /** What was kept of a request is not as an accepted conversation has it. */
  forget(conversation: string): void {
    this.open.delete(conversation);
  }

  changed(message: Message): void {
    const store = this.open.get(message.conversation ?? "");
    if (store !== undefined && store.get().loading !== "first") store.set(upsert(store.get(), message));
  }

  erased(conversation: string, id: string): void {
    const store = this.open.get(conversation);
    if (store !== undefined) store.set(erase(store.get(), id));
  }

  fileChanged(file: AttachedFile): void {
    const store = this.open.get(file.conversation ?? "");
    if (store === undefined) return;
    const at = store.get().messages.findIndex((message) => message.message_id === file.message_id);
    const message = store.get().messages[at];
    if (message === undefined) return;
    const position = file.position ?? 0;
    const files = (message.files ?? []).map((each, index) => (index === position ? { ...each, ...file } : each));
    const messages = store.get().messages.slice();
    messages[at] = { ...message, files };
    store.set({ ...store.get(), messages });
  }

  /** After the link was cut nobody knows what was missed. */
  reloadAll(): void {
    for (const conversation of [...this.open.keys()]) void this.newest(conversation);
  }

  private async replace(conversation: string, where: HistoryRequest): Promise<void> {
    const store = this.of(conversation);
    store.set({ ...store.get(), loading: "first", failure: undefined });
    try {
      const page = await this.app.call("conversations.history", { conversation, limit: kPage, ...where });
      store.set(first(page));
    } catch (error) {
      store.set({ ...store.get(), loading: undefined, failure: describe(error) });
    }
  }

  private async page(
    conversation: string,
    store: Store<Timeline>,
    way: "before" | "after",
    where: HistoryRequest,
  ): Promise<void> {
    store.set({ ...store.get(), loading: way });
    try {
      const page = await this.app.call("conversations.history", { conversation, limit: kPage, ...where });
      if (store.get().loading !== way) return;
      store.set(way === "before" ? older(store.get(), page) : newer(store.get(), page));
    } catch (error) {
      if (store.get().loading === way) store.set({ ...store.get(), loading: undefined, failure: describe(error) });
    }
  }
}
