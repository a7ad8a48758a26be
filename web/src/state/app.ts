// Everything that the interface knows, kept up to date by the events of the client. Components read `app.state` and
// call the functions; nothing else talks to the transport.
import type {
  Conversation,
  Event as ClientEvent,
  EventRecord,
  Group,
  LinkProgress,
  Message,
  Methods,
  Notice,
  Problem,
  Family,
  FamilyRequest,
  ProfileState,
  RecoveryProgress,
  Scheduled,
  Status,
  VerificationProgress,
} from "../api/types";
import { num } from "../text/format";
import { type Link, type Transport, describe } from "../transport/transport";
import { Files } from "./files";
import { type Photos, photosOf, withFile, withGroup } from "./photos";
import { Store } from "./store";
import { Timelines } from "./timelines";
import { type Toast, toastList } from "./toasts";

export type Stage = "connecting" | "no_profile" | "locked" | "unregistered" | "ready" | "ended";

export interface Typist {
  sender: string;
  until: number;
}

export interface AppState {
  link: Link;
  stage: Stage;
  /** Something of the agent's was refused at the start; in words. */
  failure: string | undefined;
  version: string;
  status: Status | undefined;
  server: "offline" | "authenticated" | "drained";
  serverDetail: string;
  conversations: ReadonlyMap<string, Conversation>;
  /** As the client orders them: pinned first, then by newest message. */
  order: readonly string[];
  /** What strangers said that nobody accepted yet (docs/specs/requests.md); none of these is in `conversations`. */
  requests: ReadonlyMap<string, Conversation>;
  listed: boolean;
  typing: ReadonlyMap<string, readonly Typist[]>;
  notices: readonly Notice[];
  problems: readonly Problem[];
  linking: LinkProgress | undefined;
  verifications: ReadonlyMap<string, VerificationProgress>;
  recovering: RecoveryProgress | undefined;
  /** Raised when own devices, handles or groups changed: what shows them asks again. */
  devicesChanged: number;
  handlesChanged: number;
  groupsChanged: number;
  groupPhotos: Photos;
  /** Raised when the user decided about texts to a number. */
  smsChanged: number;
  /** The guardian, or the children, and those who offer to be one. */
  families: readonly Family[];
  /** What children ask this account, which is their guardian. */
  familyRequests: readonly FamilyRequest[];
  /** What this device sends later, the next first. */
  scheduled: readonly Scheduled[];
  /** For screen readers: what just came, and a number so that the same words are told twice. */
  announcement: { text: string; number: number };
  /** The account was made a moment ago: the way back into it is offered. */
  justRegistered: boolean;
  toasts: readonly Toast[];
}

const kStart: AppState = {
  link: "connecting",
  stage: "connecting",
  failure: undefined,
  version: "",
  status: undefined,
  server: "offline",
  serverDetail: "",
  conversations: new Map(),
  order: [],
  requests: new Map(),
  listed: false,
  typing: new Map(),
  notices: [],
  problems: [],
  linking: undefined,
  verifications: new Map(),
  recovering: undefined,
  devicesChanged: 0,
  handlesChanged: 0,
  groupsChanged: 0,
  groupPhotos: new Map(),
  smsChanged: 0,
  families: [],
  familyRequests: [],
  scheduled: [],
  announcement: { text: "", number: 0 },
  justRegistered: false,
  toasts: [],
};

/** Problems that are kept to be shown; older ones are in the client's log. */
const kMaxProblems = 50;
const kRefreshMs = 60;

export class App {
  readonly state = new Store<AppState>(kStart);
  readonly timelines: Timelines;
  readonly files: Files;
  private readonly toasts = toastList(
    () => this.state.get().toasts,
    (toasts) => this.state.patch({ toasts }),
  );
  private newestEvent = 0;
  private subscribed = false;
  private readonly stale = new Set<string>();
  private refreshing: number | undefined;
  private readonly arrivals = new Set<(message: Message) => void>();

  constructor(readonly transport: Transport) {
    this.timelines = new Timelines(this);
    this.files = new Files(transport);
    transport.onEvent((record) => this.take(record));
    transport.onLink((link) => void this.linkChanged(link));
  }

  call<M extends keyof Methods>(method: M, params: Methods[M][0]): Promise<Methods[M][1]> {
    return this.transport.call(method, params);
  }

  /** A call whose failure is told in a toast; undefined then. */
  async attempt<M extends keyof Methods>(method: M, params: Methods[M][0]): Promise<Methods[M][1] | undefined> {
    try {
      return await this.call(method, params);
    } catch (error) {
      this.toast(describe(error), "bad");
      return undefined;
    }
  }

  toast(text: string, tone: Toast["tone"] = "plain"): void {
    this.toasts.add(text, tone);
  }

  dropToast(id: number): void {
    this.toasts.drop(id);
  }

  announce(text: string): void {
    this.state.patch({ announcement: { text, number: this.state.get().announcement.number + 1 } });
  }

  /** Hears of messages of others as they come; for announcements and sounds. */
  onArrival(handler: (message: Message) => void): () => void {
    this.arrivals.add(handler);
    return () => this.arrivals.delete(handler);
  }

  /** After profile.create, unlock, register, link, recover: what state is the profile in? */
  async refreshProfile(known?: ProfileState): Promise<void> {
    const profile = known ?? (await this.call("profile.state", {}));
    const stage = stageOf(profile);
    this.state.patch({
      stage,
      failure: undefined,
      version: profile.version ?? "",
      status: profile.status,
      ...(profile.connection !== undefined && serverState(profile.connection)),
    });
    if (stage !== "ready" && stage !== "ended" && stage !== "unregistered") {
      this.subscribed = false;
      return;
    }
    await this.subscribe();
    if (stage === "unregistered") return;
    await this.listConversations();
    await Promise.all([this.readFamilies(), this.readScheduled(), this.readNotices()]);
  }

  /** What happened to the account while no page was there to show it, too. */
  private async readNotices(): Promise<void> {
    this.state.patch({ notices: (await this.call("account.notices", {})).notices ?? [] });
  }

  async readFamilies(): Promise<void> {
    const families = (await this.call("families.list", {})).families ?? [];
    const familyRequests = (await this.call("families.requests", {})).requests ?? [];
    this.state.patch({ families, familyRequests });
  }

  async readScheduled(): Promise<void> {
    this.state.patch({ scheduled: (await this.call("messages.list_scheduled", {})).scheduled ?? [] });
  }

  /** Whether texts, which are not encrypted, may go to the number. False if the user's word did not count, which was told. */
  async decideSms(number: string, allowed: boolean): Promise<boolean> {
    const permission = await this.attempt(allowed ? "sms.allow" : "sms.forbid", { number });
    if (permission !== undefined) this.state.patch({ smsChanged: this.state.get().smsChanged + 1 });
    return permission !== undefined;
  }

  async listConversations(): Promise<void> {
    const list = (await this.call("conversations.list", {})).conversations ?? [];
    const conversations = byName(list);
    const requests = byName((await this.call("requests.list", {})).conversations ?? []);
    // Where nothing was said yet is not in the client's list: what was opened here, and groups.
    for (const [id, known] of this.state.get().conversations) {
      if (known.newest === undefined && !conversations.has(id) && !requests.has(id)) conversations.set(id, known);
    }
    const groups = (await this.call("groups.list", {})).groups ?? [];
    for (const group of groups) {
      const conversation = `#${group.group ?? ""}`;
      if (group.member !== true || conversations.has(conversation) || requests.has(conversation)) continue;
      const record = await this.call("conversations.get", { conversation });
      // A stranger put the user into it, and nothing was said yet.
      if (record.request !== true) conversations.set(conversation, record);
    }
    this.state.patch({ conversations, order: ordered(conversations), requests, groupPhotos: photosOf(groups), listed: true });
  }

  putConversation(record: Conversation): void {
    const id = record.conversation;
    if (id === undefined) return;
    const conversations = new Map(this.state.get().conversations);
    const requests = new Map(this.state.get().requests);
    // Whom the user looked up and who said nothing yet is no request.
    const isRequest = record.request === true && num(record.messages) > 0;
    (isRequest ? conversations : requests).delete(id);
    (isRequest ? requests : conversations).set(id, record);
    this.state.patch({ conversations, order: ordered(conversations), requests });
  }

  /** What is known of a group changed. */
  takeGroup(group: Group): void {
    this.state.patch({ groupPhotos: withGroup(this.state.get().groupPhotos, group) });
  }

  /** The user takes it: an ordinary conversation from now on. False if it failed, which was told. */
  async acceptRequest(conversation: string): Promise<boolean> {
    const record = await this.attempt("requests.accept", { conversation });
    if (record !== undefined) {
      this.timelines.forget(conversation);
      this.putConversation(record);
    }
    return record !== undefined;
  }

  /** It goes unread; blocked, whoever wrote it is not heard again. */
  async refuseRequest(conversation: string, how: "delete" | "block"): Promise<boolean> {
    const done = await this.attempt(`requests.${how}`, { conversation });
    if (done === undefined) return false;
    const requests = new Map(this.state.get().requests);
    requests.delete(conversation);
    this.state.patch({ requests });
    return true;
  }

  /** The user has seen it; it is not shown on this device again. */
  async dismissNotice(notice: Notice): Promise<void> {
    this.state.patch({ notices: this.state.get().notices.filter((each) => each.id !== notice.id) });
    await this.attempt("account.dismiss_notice", { id: notice.id ?? "" });
  }

  dismissProblem(problem: Problem): void {
    this.state.patch({ problems: this.state.get().problems.filter((each) => each !== problem) });
  }

  clearLinking(): void {
    this.state.patch({ linking: undefined });
  }

  clearVerification(contact: string): void {
    const verifications = new Map(this.state.get().verifications);
    verifications.delete(contact);
    this.state.patch({ verifications });
  }

  setVerification(contact: string, progress: VerificationProgress): void {
    const verifications = new Map(this.state.get().verifications);
    verifications.set(contact, { ...progress, contact });
    this.state.patch({ verifications });
  }

  private async linkChanged(link: Link): Promise<void> {
    this.state.patch({ link });
    if (link !== "up") return;
    this.subscribed = false;
    try {
      await this.refreshProfile();
      this.timelines.reloadAll();
    } catch (error) {
      this.state.patch({ failure: describe(error) });
    }
  }

  private async subscribe(): Promise<void> {
    if (this.subscribed) return;
    this.subscribed = true;
    // Everything is read anew after a cut, so that events from before need not be told again.
    const subscription = await this.call("events.subscribe", {});
    this.newestEvent = num(subscription.newest);
  }

  private take(record: EventRecord): void {
    const sequence = num(record.sequence);
    if (sequence !== 0) {
      if (sequence <= this.newestEvent) return;
      this.newestEvent = sequence;
    }
    if (record.event !== undefined) this.happened(record.event);
  }

  private happened(event: ClientEvent): void {
    const now = this.state.get();
    if (event.message !== undefined) this.messageChanged(event.message);
    if (event.erased !== undefined) {
      this.timelines.erased(event.erased.conversation ?? "", event.erased.message_id ?? "");
      this.refreshConversation(event.erased.conversation ?? "");
    }
    if (event.conversation !== undefined) this.conversationChanged(event.conversation);
    if (event.typing !== undefined) this.typed(event.typing.conversation ?? "", event.typing);
    if (event.file !== undefined) {
      this.timelines.fileChanged(event.file);
      if (event.file.state === "HERE") this.files.forget(event.file);
      this.state.patch({ groupPhotos: withFile(now.groupPhotos, event.file) });
    }
    if (event.connection !== undefined) {
      this.state.patch(serverState(event.connection));
      // It may be cut off because this device is out of the account.
      if (event.connection.state !== "AUTHENTICATED" && event.connection.state !== "DRAINED") void this.refreshStatus();
    }
    if (event.contact !== undefined) {
      const { account, handle } = event.contact;
      this.contactChanged(handle || account || "");
      // Who has a name only now stands without one in what was read before.
      if (now.families.some((each) => each.account === account)) void this.readFamilies().catch(() => undefined);
      this.state.patch({ groupsChanged: now.groupsChanged + 1 });
    }
    if (event.registered !== undefined || event.own_devices !== undefined) {
      this.state.patch({ devicesChanged: now.devicesChanged + 1 });
      void this.refreshStatus();
    }
    if (event.own_handles !== undefined) this.state.patch({ handlesChanged: now.handlesChanged + 1 });
    if (event.group !== undefined || event.group_request !== undefined) {
      this.state.patch({ groupsChanged: now.groupsChanged + 1 });
      if (event.group !== undefined) this.takeGroup(event.group);
      const group = event.group?.group ?? event.group_request?.group;
      if (group !== undefined) this.refreshConversation(`#${group}`);
    }
    if (event.family !== undefined || event.family_request !== undefined) {
      void this.readFamilies().catch(() => undefined);
      // Whose word counts may be another's now.
      void this.refreshStatus();
    }
    if (event.link !== undefined) this.state.patch({ linking: event.link });
    if (event.verification?.contact !== undefined) {
      this.setVerification(event.verification.contact, event.verification);
      this.contactChanged(event.verification.contact);
    }
    if (event.recovery !== undefined) this.state.patch({ recovering: event.recovery });
    if (event.notice !== undefined) {
      const { notice } = event;
      this.state.patch({ notices: [...now.notices.filter((each) => each.id !== notice.id), notice] });
    }
    if (event.problem !== undefined) {
      const { code, subject } = event.problem;
      const others = now.problems.filter((each) => each.code !== code || each.subject !== subject);
      this.state.patch({ problems: [...others, event.problem].slice(-kMaxProblems) });
      // It may be that this device is out of the account.
      if (code === "DEVICE_REVOKED" || code === "AUTHENTICATION_REFUSED") void this.refreshStatus();
    }
  }

  private conversationChanged(record: Conversation): void {
    const id = record.conversation ?? "";
    // Whether somebody was accepted, deleted or blocked elsewhere the lists say.
    if (this.state.get().conversations.has(id) && record.request !== true) this.putConversation(record);
    else this.refreshConversation(id);
  }

  private messageChanged(message: Message): void {
    const id = message.conversation ?? "";
    this.timelines.changed(message);
    this.stopTyping(id, message.sender ?? "");
    this.refreshConversation(id);
    // One of those that waited may be what went out.
    if (message.outgoing === true && this.state.get().scheduled.some((each) => num(each.due_ms) <= Date.now())) {
      void this.readScheduled().catch(() => undefined);
    }
    if (message.outgoing !== true && message.system === undefined && message.read !== true) {
      this.arrivals.forEach((handler) => handler(message));
    }
  }

  private contactChanged(name: string): void {
    const { conversations, requests } = this.state.get();
    for (const [id, conversation] of [...conversations, ...requests]) {
      const contact = conversation.contact;
      if (id === name || contact?.account === name || contact?.handle === name) this.refreshConversation(id);
    }
  }

  /** Reads a conversation's record again, soon and once for many events. */
  refreshConversation(id: string): void {
    if (id === "") return;
    this.stale.add(id);
    this.refreshing ??= window.setTimeout(() => {
      this.refreshing = undefined;
      const ids = [...this.stale];
      this.stale.clear();
      void this.readConversations(ids);
    }, kRefreshMs);
  }

  private async readConversations(ids: string[]): Promise<void> {
    try {
      // A name that nobody knew before or a request, or many at once: the list is cheaper and says the order.
      if (ids.length > 8 || ids.some((id) => !this.state.get().conversations.has(id))) {
        await this.listConversations();
        return;
      }
      for (const id of ids) this.putConversation(await this.call("conversations.get", { conversation: id }));
    } catch {
      // The link is cut, or the conversation has another name by now: the list is read when it is back.
      if (this.state.get().link === "up") await this.listConversations().catch(() => undefined);
    }
  }

  private async refreshStatus(): Promise<void> {
    try {
      await this.refreshProfile();
    } catch {
      // read again when the link is back
    }
  }

  private typed(conversation: string, typing: { sender?: string; active?: boolean; until_ms?: string }): void {
    const sender = typing.sender ?? "";
    const others = (this.state.get().typing.get(conversation) ?? []).filter((each) => each.sender !== sender);
    const until = num(typing.until_ms);
    const next = typing.active === true ? [...others, { sender, until }] : others;
    this.putTyping(conversation, next);
    if (typing.active === true) {
      window.setTimeout(() => this.expireTyping(conversation), Math.min(Math.max(0, until - Date.now()), 60_000) + 50);
    }
  }

  private stopTyping(conversation: string, sender: string): void {
    const typists = this.state.get().typing.get(conversation);
    if (typists?.some((each) => each.sender === sender) === true) {
      this.putTyping(conversation, typists.filter((each) => each.sender !== sender));
    }
  }

  private expireTyping(conversation: string): void {
    const typists = this.state.get().typing.get(conversation) ?? [];
    const now = Date.now();
    this.putTyping(conversation, typists.filter((each) => each.until > now));
  }

  private putTyping(conversation: string, typists: readonly Typist[]): void {
    const typing = new Map(this.state.get().typing);
    if (typists.length === 0) typing.delete(conversation);
    else typing.set(conversation, typists);
    this.state.patch({ typing });
  }
}

function byName(list: readonly Conversation[]): Map<string, Conversation> {
  const found = new Map<string, Conversation>();
  for (const each of list) if (each.conversation !== undefined) found.set(each.conversation, each);
  return found;
}

export function stageOf(profile: ProfileState): Stage {
  if (profile.stage === "NO_PROFILE") return "no_profile";
  if (profile.stage === "LOCKED") return "locked";
  switch (profile.status?.stage) {
    case "READY":
      return "ready";
    case "REMOVED":
    case "RETIRED":
      return "ended";
    default:
      return "unregistered";
  }
}

function serverState(connection: { state?: string; detail?: string }): Pick<AppState, "server" | "serverDetail"> {
  const server =
    connection.state === "DRAINED" ? "drained" : connection.state === "AUTHENTICATED" ? "authenticated" : "offline";
  return { server, serverDetail: connection.detail ?? "" };
}

export function ordered(conversations: ReadonlyMap<string, Conversation>): string[] {
  const time = (conversation: Conversation): number =>
    Math.max(num(conversation.newest?.sent_ms), num(conversation.newest?.received_ms));
  return [...conversations.entries()]
    .sort(([, a], [, b]) => {
      const pinned = Number(b.settings?.pinned ?? false) - Number(a.settings?.pinned ?? false);
      return pinned !== 0 ? pinned : time(b) - time(a);
    })
    .map(([id]) => id);
}
