// All conversations, pinned ones first. One tab stop; arrows move along the list.
import { type KeyboardEvent, memo, useMemo, useRef, useState } from "react";
import type { Conversation } from "../api/types";
import { useWords, type Words } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { go } from "../state/route";
import { conversationName, isSms, listTime, num, personName, senderName } from "../text/format";
import { oneLine } from "../text/safe";
import { summary } from "../text/summary";
import { Avatar } from "../ui/avatar";
import { IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";
import { Menu, type MenuItem } from "../ui/menu";
import { FamilyEntry } from "../family/family";
import { ScheduledEntry } from "../scheduled/here";
import { ConversationAvatar } from "./avatar";
import { RequestsEntry } from "./requests";

export function ConversationList({ current, onNew }: { current: string | undefined; onNew: () => void }) {
  const app = useApp();
  const words = useWords();
  const { t } = words;
  const order = useAppState((state) => state.order);
  const conversations = useAppState((state) => state.conversations);
  const listed = useAppState((state) => state.listed);
  const typing = useAppState((state) => state.typing);
  const status = useAppState((state) => state.status);
  const [find, setFind] = useState("");
  const [filter, setFilter] = useState<"all" | "unread" | "groups">("all");
  const [menu, setMenu] = useState<{ at: DOMRect; conversation: string } | undefined>(undefined);
  const list = useRef<HTMLUListElement>(null);

  const shown = useMemo(() => {
    const words = find.trim().toLowerCase();
    return order.filter((id) => {
      const each = conversations.get(id);
      if (each === undefined) return false;
      if (filter === "unread" && num(each.unread) === 0) return false;
      if (filter === "groups" && each.kind !== "GROUP") return false;
      return words === "" || conversationName(each, t("notes")).toLowerCase().includes(words) || id.toLowerCase().includes(words);
    });
  }, [order, conversations, find, filter, t]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("a") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || event.altKey) return;
    event.preventDefault();
    links[Math.max(0, Math.min(links.length - 1, to))]?.focus();
  };

  const chosen = menu === undefined ? undefined : conversations.get(menu.conversation);
  const tabStop = current !== undefined && shown.includes(current) ? current : shown[0];
  return (
    <>
      <header className="list-header">
        <button type="button" className="me" onClick={() => go({ page: "settings", section: "profile" })} title={t("settings")}>
          <Avatar name={status?.handle ?? ""} id={status?.account ?? ""} size="small" />
          <span className="me-name">{personName(status?.handle || status?.account)}</span>
        </button>
        <IconButton icon="search" label={t("list.search_messages")} onClick={() => go({ page: "search" })} />
        <IconButton icon="settings" label={t("settings")} onClick={() => go({ page: "settings", section: "profile" })} />
        <IconButton icon="compose" label={t("new.title")} onClick={onNew} />
      </header>
      <div className="list-find">
        <Icon name="search" size={18} />
        <input
          type="search"
          value={find}
          placeholder={t("list.find")}
          aria-label={t("list.find")}
          onChange={(event) => setFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") {
              event.preventDefault();
              list.current?.querySelector<HTMLElement>("a")?.focus();
            } else if (event.key === "Enter" && find.trim() !== "") {
              window.sessionStorage.setItem("sotto.search", find.trim());
              go({ page: "search" });
            }
          }}
        />
      </div>
      <div className="filters" role="group" aria-label={t("list.filter")}>
        {(["all", "unread", "groups"] as const).map((each) => (
          <button key={each} type="button" aria-pressed={filter === each} onClick={() => setFilter(each)}>
            {t(`list.${each}`)}
          </button>
        ))}
      </div>
      <RequestsEntry />
      <FamilyEntry />
      <ScheduledEntry />
      <ul className="conversations" ref={list} onKeyDown={onKeyDown}>
        {shown.map((id) => (
          <Item
            key={id}
            conversation={conversations.get(id) as Conversation}
            current={id === current}
            tabStop={id === tabStop}
            typing={typing.has(id)}
            words={words}
            onMenu={(at) => setMenu({ at, conversation: id })}
          />
        ))}
      </ul>
      {listed && order.length === 0 && (
        <div className="list-empty">
          <p>{t("list.empty")}</p>
          <button type="button" className="button main" onClick={onNew}>
            <span>{t("new.title")}</span>
          </button>
        </div>
      )}
      {listed && order.length > 0 && shown.length === 0 && <p className="list-empty">{t("list.none_found")}</p>}
      {menu !== undefined && chosen !== undefined && (
        <Menu anchor={menu.at} label={t("list.actions")} items={actions(chosen, app, t)} onClose={() => setMenu(undefined)} />
      )}
    </>
  );
}

function actions(each: Conversation, app: ReturnType<typeof useApp>, t: Words["t"]): (MenuItem | "line")[] {
  const conversation = each.conversation ?? "";
  const change = (part: object): void => {
    void app.attempt("conversations.change_settings", { conversation, ...part }).then((record) => {
      if (record !== undefined) app.putConversation(record);
    });
  };
  const pinned = each.settings?.pinned === true;
  const muted = num(each.settings?.muted_until_ms) > Date.now();
  return [
    { label: t(pinned ? "list.unpin" : "list.pin"), icon: "pin", onSelect: () => change({ pinned: !pinned }) },
    {
      label: t(muted ? "list.unmute" : "list.mute"),
      icon: "bell_off",
      onSelect: () => change({ muted_until_ms: muted ? "0" : String(Date.now() + 8 * 3600_000) }),
    },
    {
      label: t("list.mark_read"),
      icon: "checks",
      disabled: num(each.unread) === 0,
      onSelect: () => void app.attempt("conversations.mark_read", { conversation }).then((record) => record && app.putConversation(record)),
    },
    "line",
    { label: t("details"), icon: "info", onSelect: () => go({ page: "conversation", conversation, details: true }) },
  ];
}

const Item = memo(function Item({
  conversation,
  current,
  tabStop,
  typing,
  words,
  onMenu,
}: {
  conversation: Conversation;
  current: boolean;
  tabStop: boolean;
  typing: boolean;
  words: Words;
  onMenu: (at: DOMRect) => void;
}) {
  const { t, n, locale } = words;
  const id = conversation.conversation ?? "";
  const name = conversationName(conversation, t("notes"));
  const unread = num(conversation.unread);
  const newest = conversation.newest;
  const sms = conversation.kind === "SMS" || isSms({ security: conversation.security });
  const muted = num(conversation.settings?.muted_until_ms) > Date.now();
  const draft = oneLine(conversation.draft, 120);
  const said = summary(newest, words);
  const who =
    newest?.outgoing === true && newest.system === undefined
      ? t("list.you", { text: said })
      : conversation.kind === "GROUP" && newest?.system === undefined && newest?.sender !== undefined
        ? t("list.somebody", { name: senderName(newest), text: said })
        : said;
  const changed = (conversation.contact?.changed_fingerprint ?? "") !== "";
  return (
    <li>
      <a
        href={`#/c/${encodeURIComponent(id)}`}
        className={current ? "conversation current" : "conversation"}
        aria-current={current ? "page" : undefined}
        tabIndex={tabStop ? 0 : -1}
        onContextMenu={(event) => {
          event.preventDefault();
          onMenu(new DOMRect(event.clientX, event.clientY, 1, 1));
        }}
        onKeyDown={(event) => {
          if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
            event.preventDefault();
            onMenu(event.currentTarget.getBoundingClientRect());
          }
        }}
      >
        <ConversationAvatar record={conversation} name={name} />
        <span className="conversation-words">
          <span className="conversation-top">
            <bdi className="conversation-name">{name}</bdi>
            {sms ? (
              <span className="tag green">
                <Icon name="open_lock" size={12} />
                {t("channel.sms_short")}
              </span>
            ) : null}
            {conversation.settings?.pinned === true && <Icon name="pin" size={14} label={t("list.pinned")} />}
            {muted && <Icon name="bell_off" size={14} label={t("list.muted")} />}
            <time>{listTime(num(newest?.sent_ms), Date.now(), locale, t("yesterday"))}</time>
          </span>
          <span className="conversation-bottom">
            {changed && <Icon name="warning" size={14} label={t("security.key_changed_short")} />}
            <bdi className="conversation-said">
              {typing ? <em>{t("typing.short")}</em> : draft !== "" && !current ? <span className="draft">{t("list.draft", { text: draft })}</span> : who}
            </bdi>
            {unread > 0 && (
              <span className={muted ? "unread quiet" : "unread"}>
                {unread > 999 ? "999+" : unread}
                <span className="only-read"> {n("list.unread_count", unread)}</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  );
});
