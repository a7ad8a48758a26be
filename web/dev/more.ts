// More invented data: families, programs of others, what is sent later, who is kept out.
import type { ConnectedApp, Conversation, Family, FamilyRequest, Group, SafetyCard, Scheduled, SmsPermission, Webhook } from "../src/api/types";
import { direct, id, kMe, kNow, open, sealed, talk } from "./data";

const kHour = 3600_000;
const print = (name: string): string => direct(name).contact?.fingerprint ?? "";
const person = (name: string) => ({ account: direct(name).contact?.account ?? "", name, fingerprint: print(name) });

const hours = [0, 1, 2, 3, 4].map((day) => ({ day, from_min: 15 * 60, until_min: 20 * 60 })).concat([5, 6].map((day) => ({ day, from_min: 9 * 60, until_min: 24 * 60 })));
const policy = {
  version: "3",
  time_ms: String(kNow - 30 * kHour),
  allowed: [person("astrid"), person("emil")],
  limited_hours: true,
  hours,
  utc_offset_min: 120,
  hold_strangers: true,
  blur_pictures: true,
};

export class More {
  apps: ConnectedApp[] = [
    { name: "weather", added_ms: String(kNow - 90 * kHour), may_send: true, hears: ["jonas"], waiting: "2" },
    { name: "calc", added_ms: String(kNow - 9 * kHour), lost: "1" },
  ];
  webhooks: Webhook[] = [
    { name: "archive", url: "http://127.0.0.1:9000/told", acknowledged: "412" },
    { name: "lamp", url: "https://lamp.example.org/sotto", acknowledged: "12", failures: 7, last_failure: "lamp.example.org: no answer within 10 s" },
  ];
  scheduled: Scheduled[] = [
    { message_id: id(), conversation: "jonas", due_ms: String(kNow + 2 * kHour), body: "Happy birthday! See you at seven by the crane 🎂" },
    { message_id: id(), conversation: "lovisa", due_ms: String(kNow + 30 * kHour), body: "Do not forget the tickets" },
  ];
  blocked: Conversation[] = [direct("mallory-2", { settings: { blocked: true } })];
  permissions: SmsPermission[] = [{ number: "+46701112233", conversation: "sms:+46701112233", allowed: true }];
  requests: FamilyRequest[] = [
    { child: person("nils").account, child_name: "nils", account: person("hedda").account, handle: "hedda", fingerprint: print("hedda"), note: "from the choir", time_ms: String(kNow - kHour) },
  ];
  families: Family[];

  constructor(readonly child: boolean) {
    const devices = [{ device: id(), fingerprint: "5e01".repeat(16), added_ms: String(kNow - 900 * kHour) }];
    this.families = child
      ? [{ ...person("ines"), role: "GUARDIAN", accepted: true, policy, devices }]
      : [
          { ...person("nils"), role: "CHILD", accepted: true, policy },
          { ...person("tove"), role: "CHILD", own_fingerprint: "8f3c".repeat(16) },
        ];
    if (child) this.requests = [];
  }

  answer(method: string, params: Record<string, any>): unknown {
    switch (method) {
      case "families.list":
        return { families: this.families };
      case "families.requests":
        return { requests: this.requests };
      case "families.decide":
        this.requests = [];
        return {};
      case "families.change_policy": {
        const { child, allow = [], forbid = [], hours: _hours, ...rest } = params;
        this.families = this.families.map((each) =>
          each.name !== child
            ? each
            : { ...each, policy: { ...each.policy, ...rest, allowed: [...(each.policy?.allowed ?? []).filter((other) => !forbid.includes(other.name)), ...allow.map(person)] } },
        );
        return {};
      }
      case "safety.cards":
        return { cards: kCards };
      case "apps.list":
        return { apps: this.apps };
      case "apps.add": {
        const made = { name: params["name"], may_send: params["may_send"], added_ms: String(Date.now()) };
        this.apps = [...this.apps, made];
        return { ...made, token: `sotto-app-${"4f".repeat(32)}` };
      }
      case "apps.remove":
        this.apps = this.apps.filter((each) => each.name !== params["name"]);
        return { apps: this.apps };
      case "apps.change_grants":
        this.apps = this.apps.map((each) =>
          each.name !== params["name"]
            ? each
            : { ...each, may_send: params["may_send"] ?? each.may_send, hears: [...(each.hears ?? []).filter((one) => !(params["not_hear"] ?? []).includes(one)), ...(params["hear"] ?? [])] },
        );
        return {};
      case "webhooks.list":
        return { webhooks: this.webhooks };
      case "webhooks.add":
        this.webhooks = [...this.webhooks, { name: params["name"], url: params["url"] }];
        return { name: params["name"], secret: "9b".repeat(32) };
      case "webhooks.remove":
        this.webhooks = this.webhooks.filter((each) => each.name !== params["name"]);
        return { webhooks: this.webhooks };
      case "messages.list_scheduled":
        return { scheduled: this.scheduled };
      case "messages.schedule": {
        const made = { message_id: id(), conversation: params["conversation"], due_ms: params["due_ms"], body: params["text"] };
        this.scheduled = [...this.scheduled, made].sort((a, b) => Number(a.due_ms) - Number(b.due_ms));
        return made;
      }
      case "messages.cancel_scheduled":
        this.scheduled = this.scheduled.filter((each) => each.message_id !== params["message_id"]);
        return {};
      case "requests.blocked":
        return { conversations: this.blocked };
      case "requests.unblock":
        this.blocked = [];
        return {};
      case "requests.preview_report":
        return { messages: talk(params["conversation"], [{ from: params["conversation"], body: "You won! Only your card number is missing" }, { from: params["conversation"], body: "Answer within the hour" }]) };
      case "requests.report":
        return { sent: true, blocked: params["keep"] !== true };
      case "files.quarantine":
        return { files: [{ name: "invoice.png", size: "40211", message_id: id(), conversation: "mallory", position: 0, media: "QUARANTINED", media_failure: "it ended the decoder three times" }] };
      case "sms.list":
        return { permissions: this.permissions };
      case "sms.allow":
      case "sms.forbid": {
        const made = { number: params["number"], allowed: method === "sms.allow" };
        this.permissions = [...this.permissions.filter((each) => each.number !== made.number), made];
        return made;
      }
      default:
        return undefined;
    }
  }
}

export const kGuest = { number: "+46709998877", name: "Erin", sponsor: "maja", sponsor_account: kMe };

export function guestGroup(group: string): { record: Conversation; group: Group; messages: ReturnType<typeof talk> } {
  const member = (name: string, role: "MEMBER" | "OWNER") => ({ ...person(name), ...(name === "maja" && { account: kMe }), role });
  return {
    group: { group, name: "Sunday walk", member: true, guests_allowed: true, guests: [kGuest], members: [member("maja", "OWNER"), member("jonas", "MEMBER"), member("lovisa", "MEMBER")] },
    record: { conversation: `#${group}`, kind: "GROUP", title: "Sunday walk", guests: [kGuest], security: { ...sealed(), end_to_end: false }, settings: { read_receipts: true } },
    messages: talk(`#${group}`, [
      { from: "jonas", body: "The lake or the hill?", security: sealed() },
      { from: "maja", body: "The lake, at ten", state: "DELIVERED", security: { ...sealed(), end_to_end: false }, also_in_clear: [{ ...kGuest, state: "DELIVERED" }] },
      { from: `sms:${kGuest.number}`, body: "I bring cake", guest: kGuest, security: open },
      { from: "lovisa", body: "Her present is in my bag", security: sealed() },
    ]),
  };
}

const kCards: SafetyCard[] = [
  { id: "codes", language: "en", title: "Nobody needs your codes", text: "Whoever asks for a code, your recovery key or your passphrase wants your account. No operator ever asks." },
  { id: "hurry", language: "en", title: "Hurry is a sign", text: "Those who cheat leave no time to think. Ask somebody you know, on another way." },
  { id: "pictures", language: "en", title: "Pictures cannot be taken back", text: "Whoever gets one may keep it. Nobody who means well presses you for one." },
];
