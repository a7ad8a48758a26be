// A client made of invented data behind the interface's transport. It does what screens need to be looked at and tried,
// and is never part of what is shipped.
import type { ContactRules, Conversation, EventRecord, Group, Message, MessageLink, Methods, ProfileState } from "../src/api/types";
import { CallError, type FileWanted, type Link, type Transport, type UploadedFile } from "../src/transport/transport";
import { direct, id, kMe, kNow, link, numbered, open, sealed, talk } from "./data";
import { guestGroup, More } from "./more";

const kLong = 100_000;
const wave = btoa(String.fromCharCode(...Array.from({ length: 48 }, (_, i) => Math.round(120 + 110 * Math.sin(i / 3) * Math.cos(i / 7)))));

const kTrap = "Invoice \u202egnp.exe\u202c, open it https://xn--pple-43d.com/login and http://user@10.0.0.1:8080/";
const kTrapLinks = [
  link(kTrap, "https://xn--pple-43d.com/login", "аpple.com", { warnings: ["NOT_ASCII", "MIXED_SCRIPTS", "LOOKS_LIKE"], resembles: "apple.com" }),
  link(kTrap, "http://user@10.0.0.1:8080/", "10.0.0.1", { warnings: ["USER_NAME", "NUMERIC_ADDRESS"] }),
];

function world(): { conversations: Map<string, Conversation>; messages: Map<string, Message[]>; groups: Map<string, Group> } {
  const conversations = new Map<string, Conversation>();
  const messages = new Map<string, Message[]>();
  const groups = new Map<string, Group>();
  const put = (record: Conversation, list: Message[], unread = 0): void => {
    const newest = list[list.length - 1];
    const key = record.conversation ?? "";
    conversations.set(key, { ...record, messages: String(list.length), unread: String(unread), ...(newest !== undefined && { newest }) });
    messages.set(key, list);
  };
  const group = "9c".repeat(32);
  const member = (name: string, role: "MEMBER" | "ADMIN" | "OWNER") => ({ account: name === "maja" ? kMe : direct(name).contact?.account ?? "", name, role, fingerprint: "ab".repeat(32) });
  groups.set(group, { group, name: "Allotment 14", member: true, members: [member("maja", "OWNER"), member("ines", "ADMIN"), member("jonas", "MEMBER"), member("farid", "MEMBER"), member("lovisa", "MEMBER")], link: true, operations: "12" });
  const q: Message = talk(`#${group}`, [{ from: "farid", body: "The water is on again from Saturday" }])[0] as Message;
  put({ conversation: `#${group}`, kind: "GROUP", title: "Allotment 14", security: sealed(), settings: { pinned: true, read_receipts: true, typing: true } }, [
    ...talk(`#${group}`, [
      { from: "ines", body: "Good morning, gardeners 🌱" },
      { from: "jonas", body: "Who has the *key* to the shed? I am in front of it", spans: [{ start: 12, length: 5, style: "BOLD" }] },
      { from: "maja", body: "Under the third pot, as ever", state: "READ" },
      { from: "maja", body: "But put it back this time 🙂", state: "READ", reactions: [{ sender: "jonas", emoji: "😂" }, { sender: "ines", emoji: "😂" }, { sender: "farid", emoji: "👍" }] },
    ], { minutes: 22 }),
    { ...q },
    ...talk(`#${group}`, [
      { from: "lovisa", body: "Finally!", reply_to: { message_id: q.message_id ?? "", sender: "farid", body: q.body ?? "", known: true } },
      { from: "lovisa", kind: "POLL", body: "When do we dig?", poll: { question: "When do we dig?", multiple: true, options: [{ text: "Saturday morning", voters: ["ines", "jonas", "maja"] }, { text: "Saturday afternoon", voters: ["farid"] }, { text: "Sunday", voters: ["lovisa", "ines"] }] } },
      { from: "maja", kind: "LOCATION", body: "Gate C", location: { latitude_e7: 593425400, longitude_e7: 180498500, name: "Gate C, by the compost", accuracy_m: 12 }, state: "DELIVERED" },
      { from: "jonas", body: "On my way with the wheelbarrow", read: false },
    ], { minutes: 3 }),
  ], 1);
  const walk = guestGroup("4d".repeat(32));
  groups.set("4d".repeat(32), walk.group);
  put(walk.record, walk.messages);
  put(direct("ines", { settings: { name: "Ines Falk", pinned: true, read_receipts: true, typing: true } }, true), [numbered(kLong - 1, kLong)]);
  put(direct("jonas", { settings: { timer_s: "604800", read_receipts: true, typing: true } }), [
    ...talk("jonas", [{ from: "jonas", system: { kind: "DEVICE_ADDED" }, kind: "KIND_UNSPECIFIED", body: "jonas added a device" }], { minutes: 300 }),
    ...talk("jonas", [
      { from: "jonas", body: "I put the scans here, the first two are the ones you asked for", files: [{ name: "harbour-1931.jpg", mime: "image/jpeg", size: "1843200", state: "HERE", position: 0 }, { name: "quay-1934.jpg", mime: "image/jpeg", size: "2243200", state: "HERE", position: 1 }] },
      { from: "maja", body: "These are wonderful. Is there a larger one of the crane?", edited_ms: String(kNow - 3000000), earlier_texts: [{ body: "These are wonderfull", time_ms: String(kNow - 3300000) }] },
      { from: "jonas", body: "", files: [{ name: "crane-full-size.tiff", mime: "image/tiff", size: "48200000", state: "REMOTE", stored_size: "49000000", position: 0 }] },
      { from: "jonas", body: "", files: [{ name: "slipway.png", mime: "image/png", size: "3048200", state: "DOWNLOADING", transferred: "1200000", stored_size: "3145728", thumbnail: "AA==", position: 0 }] },
      { from: "jonas", kind: "VOICE_NOTE", body: "Voice message", voice_note: { duration_ms: 34000, waveform: wave }, files: [{ name: "voice.ogg", mime: "audio/ogg", size: "88000", state: "REMOTE" }] },
      { from: "maja", body: "The archive says https://archive.example.org/harbour/1931?ref=14 is the right shelf, and ||do not tell Ines yet||, it is for her birthday.", links: [{ start: 17, length: 47, host: "archive.example.org", url: "https://archive.example.org/harbour/1931?ref=14" }], spans: [{ start: 89, length: 20, style: "SPOILER" }], state: "READ" },
      { from: "jonas", unsent: true, kind: "TEXT", body: "" },
      { from: "maja", body: "Saved. Back at six.", state: "DELIVERED", expires_ms: String(kNow + 500000000) },
    ], { minutes: 7 }),
  ]);
  put({ conversation: "sms:+46701112233", kind: "SMS", security: open, settings: {} }, talk("sms:+46701112233", [
    { from: "+46701112233", body: "Hi Maja, the boiler is fixed. /Kent" },
    { from: "maja", body: "Thank you! I'll transfer the rest today.", state: "DELIVERED" },
    { from: "+46701112233", body: "No hurry. Invoice is in the letter box" },
  ], { security: open, minutes: 90 }));
  put(direct("lovisa", { draft: "Did you get the tickets or should I" }), talk("lovisa", ["Concert on Thursday?", "Yes please", "Two seats, row F"], { minutes: 500 }));
  put(direct("farid", { contact: { ...direct("farid").contact, changed_fingerprint: "cd".repeat(32) } }), [
    ...talk("farid", ["New telephone, hopefully the last this year", "Good luck"], { minutes: 700 }),
    ...talk("farid", [{ from: "farid", system: { kind: "KEY_CHANGED" }, kind: "KIND_UNSPECIFIED", body: "the key of farid is another one than before; nothing is sent until you decide about it" }], { minutes: 60 }),
  ]);
  put({ conversation: kMe, kind: "NOTES", security: sealed(), settings: {} }, talk(kMe, [{ from: "maja", body: "Seeds: beans, kale, dill\nAsk Jonas about the ladder" }], { minutes: 2000 }));
  put(direct("mallory", { settings: { muted_until_ms: String(kNow + 1e9) } }), talk("mallory", [
    { from: "mallory", body: "<script>alert(1)</script><img src=x onerror=alert(2)> <b>not bold</b>" },
    { from: "mallory", body: kTrap, links: kTrapLinks },
    { from: "mallory", body: "Z" + "\u0301\u0302\u0327".repeat(350_000) },
    { from: "mallory", body: "word ".repeat(3000) },
    { from: "mallory", body: "line\n".repeat(400), files: [{ name: "\u202e" + "x".repeat(4000) + "\u0301".repeat(4000), mime: "application/pdf", size: "99", state: "HERE" }] },
  ], { minutes: 1500 }), 5);
  for (const [index, name] of ["astrid", "benoit", "chidi", "dagny", "emil", "freja", "goran", "hedda", "ivar", "johanna"].entries()) {
    put(direct(name), talk(name, ["Hello!", `Talk to you ${index % 2 ? "soon" : "on Monday"}`], { minutes: 3000 * (index + 1) }));
  }
  return { conversations, messages, groups };
}

export class FixtureTransport implements Transport {
  private readonly world = world();
  private readonly events = new Set<(record: EventRecord) => void>();
  private readonly requests = new Map(
    ["1nes", "knut"].map((name) => [name, { ...direct(name, { contact: { ...direct(name).contact, ...(name === "1nes" && { resembles: "ines" }) } }), request: true, messages: name === "knut" ? "3" : "1" }]),
  );
  private readonly more: More;
  private rules: ContactRules = { from: "ANYBODY" };
  private sequence = 1;

  constructor(private stage: string) {
    this.more = new More(stage === "child");
  }

  async call<M extends keyof Methods>(method: M, params: Methods[M][0]): Promise<Methods[M][1]> {
    await new Promise((resolve) => setTimeout(resolve, 15));
    return (await this.answer(method, params as Record<string, never>)) as Methods[M][1];
  }

  onEvent(handler: (record: EventRecord) => void): () => void {
    this.events.add(handler);
    return () => this.events.delete(handler);
  }

  onLink(handler: (link: Link) => void): () => void {
    setTimeout(() => handler("up"), 0);
    return () => undefined;
  }

  async upload(file: File, progress: (part: number) => void): Promise<UploadedFile> {
    for (let part = 0; part <= 1; part += 0.2) {
      progress(part);
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    return { upload: id(), name: file.name, size: file.size };
  }

  async file(wanted: FileWanted): Promise<Blob> {
    const canvas = document.createElement("canvas");
    canvas.width = 480;
    canvas.height = 340;
    const context = canvas.getContext("2d");
    if (context === null) throw new CallError("failed", "no canvas");
    const paint = context.createLinearGradient(0, 0, 0, 340);
    const warm = wanted.position % 2 === 0;
    paint.addColorStop(0, warm ? "#f3c79a" : "#9fc4e8");
    paint.addColorStop(0.55, warm ? "#d9825f" : "#dfe9ef");
    paint.addColorStop(0.56, warm ? "#32506b" : "#3c5a4c");
    paint.addColorStop(1, warm ? "#16283a" : "#1c2f26");
    context.fillStyle = paint;
    context.fillRect(0, 0, 480, 340);
    context.fillStyle = "rgb(20 30 40 / 80%)";
    for (let i = 0; i < 9; i += 1) context.fillRect(30 + i * 50, 190 - ((i * 37) % 60), 26, ((i * 37) % 60) + 3);
    return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? new Blob())));
  }

  private emit(event: EventRecord["event"]): void {
    const record: EventRecord = { sequence: String(this.sequence++), time_ms: String(Date.now()), ...(event !== undefined && { event }) };
    setTimeout(() => this.events.forEach((handler) => handler(record)), 5);
  }

  private profile(): ProfileState {
    if (this.stage === "no_profile") return { stage: "NO_PROFILE", version: "0.1.0" };
    if (this.stage === "locked") return { stage: "LOCKED", version: "0.1.0" };
    if (this.stage === "unregistered") return { stage: "OPEN", version: "0.1.0", status: {} };
    return {
      stage: "OPEN",
      version: "0.1.0",
      status: { account: kMe, device: "77".repeat(16), handle: "maja", stage: "READY", server: "chat.example.org:7443", server_fingerprint: "5e".repeat(32), devices: "2", tls_group: "X25519MLKEM768", sent_lately: "412", sent_insecurely_lately: "3", ...(this.more.child && { guardian: "ines" }) },
      connection: { state: "DRAINED" },
    };
  }

  private find(conversation: string, message: string): Message {
    const list = this.world.messages.get(conversation) ?? [];
    const found = list.find((each) => each.message_id === message) ?? (conversation === "ines" ? numbered(parseInt(message.slice(1), 16), kLong) : undefined);
    if (found === undefined) throw new CallError("usage", "No such message.");
    return found;
  }

  private put(conversation: string, message: Message): Message {
    const list = this.world.messages.get(conversation) ?? [];
    const at = list.findIndex((each) => each.message_id === message.message_id);
    if (at >= 0) list[at] = message;
    else list.push(message);
    this.world.messages.set(conversation, list);
    const record = this.world.conversations.get(conversation);
    if (record !== undefined && at < 0) this.world.conversations.set(conversation, { ...record, newest: message });
    this.emit({ message });
    return message;
  }

  private history(params: { conversation?: string; limit?: number; before?: string; after?: string; around?: string }) {
    const key = params.conversation ?? "";
    const limit = params.limit ?? 50;
    const list = this.world.messages.get(key) ?? [];
    const extra = key === "ines" ? list.slice(1) : list;
    const total = key === "ines" ? kLong + extra.length : list.length;
    const at = (index: number): Message => (key === "ines" && index < kLong ? numbered(index, kLong) : (extra[key === "ines" ? index - kLong : index] as Message));
    const where = (message: string): number => {
      if (key === "ines" && message.startsWith("f")) return parseInt(message.slice(1), 16);
      const index = extra.findIndex((each) => each.message_id === message);
      return key === "ines" ? kLong + index : index;
    };
    let start = Math.max(0, total - limit);
    if (params.before !== undefined) start = Math.max(0, where(params.before) - limit);
    if (params.after !== undefined) start = where(params.after) + 1;
    if (params.around !== undefined) start = Math.max(0, where(params.around) - Math.floor(limit / 2));
    const end = Math.min(total, params.before !== undefined ? where(params.before) : start + limit);
    return {
      messages: Array.from({ length: Math.max(0, end - start) }, (_, index) => at(start + index)),
      more_before: start > 0,
      more_after: end < total,
      position: String(start),
      total: String(total),
    };
  }

  // One line a method, as a table would be, but with what each needs at hand.
  private async answer(method: keyof Methods, params: Record<string, any>): Promise<unknown> {
    const { conversations, messages, groups } = this.world;
    const more = this.more.answer(method, params);
    if (more !== undefined) return more;
    const conversation: string = params["conversation"] ?? "";
    const record = conversations.get(conversation);
    const update = (change: Partial<Conversation>): Conversation => {
      const next = { ...record, ...change };
      conversations.set(conversation, next);
      return next;
    };
    switch (method) {
      case "profile.create":
      case "profile.unlock":
        this.stage = method === "profile.create" ? "unregistered" : "ready";
        return this.profile();
      case "profile.lock":
        this.stage = "locked";
        return this.profile();
      case "profile.state":
        return this.profile();
      case "account.register":
        this.stage = "ready";
        return this.profile().status;
      case "account.handles":
        return { handles: ["maja", "maja@example.org"] };
      case "devices.list":
        return { devices: [{ device: "77".repeat(16), name: "Kitchen computer", this_device: true, added_ms: String(kNow - 9e9), fingerprint: "5e01".repeat(16) }, { device: "78".repeat(16), name: "Tablet", added_ms: String(kNow - 4e9), fingerprint: "77c2".repeat(16) }] };
      case "devices.offer_link":
        return params["qr"] ? { stage: "OFFERED", qr: "SOTTO:LINK/1/" + "ABCDEFGHIJKLMNOP234567".repeat(8), until_ms: String(Date.now() + 120000) } : { stage: "OFFERED", code: "402918", until_ms: String(Date.now() + 120000) };
      case "conversations.list":
        return { conversations: [...conversations.values()] };
      case "conversations.get":
        return record;
      case "conversations.open":
        if (record === undefined && !/^[a-z]{3,}$/.test(conversation)) throw new CallError("no_such_user", `Nobody is called ${conversation} on this server. Check the spelling with them.`);
        if (record === undefined) {
          conversations.set(conversation, direct(conversation));
          messages.set(conversation, []);
        }
        return conversations.get(conversation);
      case "conversations.history":
        return this.history(params);
      case "conversations.mark_read":
        return update({ unread: "0" });
      case "conversations.change_settings":
        return update({ settings: { ...record?.settings, ...params } });
      case "conversations.set_timer":
        return update({ settings: { ...record?.settings, timer_s: params["seconds"] } });
      case "messages.send": {
        const sent: Message = {
          message_id: id(), conversation, sender: "maja", outgoing: true, sent_ms: String(Date.now()), kind: params["poll"] ? "POLL" : params["location"] ? "LOCATION" : params["contact_card"] ? "CONTACT_CARD" : params["sticker"] ? "STICKER" : params["voice_note"] ? "VOICE_NOTE" : "TEXT",
          body: params["text"] ?? "", state: "QUEUED", security: record?.security ?? sealed(),
          ...(params["location"] && { location: params["location"] }), ...(params["contact_card"] && { contact_card: params["contact_card"] }),
          ...(params["sticker"] && { sticker: params["sticker"] }), ...(params["voice_note"] && { voice_note: params["voice_note"] }), ...(params["preview"] && { preview: params["preview"] }),
          ...(params["poll"] && { poll: { question: params["poll"].question, options: params["poll"].options.map((text: string) => ({ text })) } }),
          ...(params["reply_to"] && { reply_to: { message_id: params["reply_to"], sender: "ines", body: "…", known: true } }),
          ...(params["files"] && { files: params["files"].map((file: { name: string }, position: number) => ({ name: file.name, mime: /png|jpe?g|webp/.test(file.name) ? "image/png" : "application/pdf", state: "HERE", size: "120000", position })) }),
        };
        this.put(conversation, sent);
        setTimeout(() => this.put(conversation, { ...sent, state: "SENT" }), 400);
        setTimeout(() => this.put(conversation, { ...sent, state: "READ" }), 1600);
        return sent;
      }
      case "messages.forward": {
        const { kind, body, files, sticker, voice_note, contact_card, location } = this.find(conversation, params["message_id"]);
        const to: string = params["to"];
        return this.put(to, { message_id: id(), conversation: to, sender: "maja", outgoing: true, sent_ms: String(Date.now()), state: "SENT", forwarded: true, security: sealed(), ...{ kind, body, files, sticker, voice_note, contact_card, location } } as Message);
      }
      case "messages.preview":
        await new Promise((resolve) => setTimeout(resolve, 600));
        return { url: params["url"], title: "The harbour in 1931", description: "Eleven photographs from the archive of the port, with the crane." };
      case "messages.react": {
        const message = this.find(conversation, params["message_id"]);
        const reactions = (message.reactions ?? []).filter((each) => each.sender !== "maja");
        return this.put(conversation, { ...message, reactions: params["emoji"] ? [...reactions, { sender: "maja", emoji: params["emoji"] }] : reactions });
      }
      case "messages.edit":
        return this.put(conversation, { ...this.find(conversation, params["message_id"]), body: params["text"], edited_ms: String(Date.now()) });
      case "messages.unsend":
        return this.put(conversation, { ...this.find(conversation, params["message_id"]), unsent: true, body: "" });
      case "messages.vote": {
        const message = this.find(conversation, params["message_id"]);
        const options = (message.poll?.options ?? []).map((option, index) => ({ ...option, voters: [...(option.voters ?? []).filter((each) => each !== "maja"), ...((params["options"] as number[]).includes(index) ? ["maja"] : [])] }));
        return this.put(conversation, { ...message, poll: { ...message.poll, options } });
      }
      case "messages.search": {
        const words = String(params["words"] ?? "").toLowerCase().split(/\s+/);
        return { messages: [...messages.values()].flat().filter((each) => words.every((word) => (each.body ?? "").toLowerCase().includes(word))).slice(0, 50) };
      }
      case "contacts.get":
        return [...conversations.values()].find((each) => each.contact?.handle === params["contact"])?.contact ?? {};
      case "contacts.show_qr":
        return { contact: params["contact"], stage: "STARTED", qr: "SOTTO:VERIFY/1/" + "MFRGGZDFMZTWQ2LK5HQ2".repeat(8) };
      case "contacts.start_digits":
        setTimeout(() => this.emit({ verification: { contact: params["contact"], stage: "COMPARE", digits: "402918336172" } }), 1200);
        return { contact: params["contact"], stage: "STARTED" };
      case "contacts.answer_digits":
        return { contact: params["contact"], stage: params["same"] ? "VERIFIED" : "FAILED" };
      case "groups.get":
      case "groups.link":
        return { ...groups.get(params["group"]), ...(method === "groups.link" && { invite: "SOTTO:GROUP/1/" + "MFRGGZDFMZTWQ2LK".repeat(10) }) };
      case "groups.list":
        return { groups: [...groups.values()] };
      case "groups.set_photo": {
        const group = { ...groups.get(params["group"]) };
        if (params["photo"]) group.photo = { name: "photo.jpg", mime: "image/jpeg", state: "HERE", message_id: id(), conversation: `#${params["group"]}` };
        else delete group.photo;
        groups.set(params["group"], group);
        this.emit({ group });
        return group;
      }
      case "groups.requests":
        return { requests: [{ group: params["group"], account: "ee".repeat(16), name: "astrid" }] };
      case "files.list":
        return { files: (messages.get(conversation) ?? []).flatMap((each) => (each.files ?? []).map((file) => ({ ...file, message_id: each.message_id }))) };
      case "requests.list":
        return { conversations: [...this.requests.values()] };
      case "requests.accept": {
        const record: Conversation = { ...this.requests.get(conversation), request: false };
        this.requests.delete(conversation);
        conversations.set(conversation, record);
        return record;
      }
      case "requests.delete":
      case "requests.block":
        this.requests.delete(conversation);
        return {};
      case "requests.reveal_links": {
        const message = this.find(conversation, params["message_id"]);
        const text = new TextEncoder().encode(message.body ?? "");
        const url = (each: MessageLink) => new TextDecoder().decode(text.slice(each.start ?? 0, (each.start ?? 0) + (each.length ?? 0)));
        return this.put(conversation, { ...message, links: (message.links ?? []).map((each) => ({ ...each, inert: false, url: url(each) })) });
      }
      case "requests.rules":
        return this.rules;
      case "requests.set_rule":
        return (this.rules = { ...this.rules, from: params["from"] });
      case "requests.renew_link":
        return (this.rules = { ...this.rules, link: `SOTTO:CONTACT/1/maja/${id()}` });
      case "requests.withdraw_link":
        return (this.rules = { ...this.rules, link: "" });
      case "files.policy":
        return { max_octets: String(10 * 1024 * 1024), from: "KNOWN" };
      case "recovery.status":
        return { key: true, key_drilled_ms: String(kNow - 6e9), other_devices: 1, independent_ways: 2 };
      case "recovery.make_key":
        return { key: "K7QF 2MXD 9RTA 4HVC 8NPE 6WZB 3GYJ 5KLS" };
      case "log.status":
        return { size: "18240", head_ms: String(kNow - 120000), self_audited_ms: String(kNow - 3600000), witnesses: 2 };
      default:
        return {};
    }
  }
}
