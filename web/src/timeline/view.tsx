// The scrolling column of messages. Only a window of the conversation is laid out; pages come as the user nears its
// ends. What the user looks at stays where it is, whatever comes above or below it or grows.
import { Component, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Conversation } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { go } from "../state/route";
import { type Timeline, rows } from "../state/timeline";
import { dayName, dayNumber, num } from "../text/format";
import { Banner, Button, Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import type { ConversationActions } from "./actions";
import { MessageRow } from "./row";

/** Nearer to the bottom than this counts as at the bottom. */
const kBottomSlack = 60;
/** Screens of messages that are asked for ahead. */
const kAhead = 2;

interface Anchor {
  id: string;
  /** Its top below the top of the visible part. */
  offset: number;
}

export function TimelineView({
  conversation,
  timeline,
  actions,
  target,
  onBefore,
  onAfter,
  onNewest,
}: {
  conversation: Conversation;
  timeline: Timeline;
  actions: ConversationActions;
  target: string | undefined;
  onBefore: () => void;
  onAfter: () => void;
  onNewest: () => void;
}) {
  const app = useApp();
  const { t, n, locale } = useWords();
  const id = conversation.conversation ?? "";
  const scroller = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const anchor = useRef<Anchor | undefined>(undefined);
  const atBottom = useRef(true);
  const settled = useRef("");
  const sought = useRef<string | undefined>(undefined);
  const [away, setAway] = useState(false);
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const [flash, setFlash] = useState<string | undefined>(undefined);

  // The border of what is new stays where it was when the conversation was opened.
  const [firstUnread, setFirstUnread] = useState<string | undefined>(undefined);
  const bordered = useRef(false);
  useEffect(() => {
    if (bordered.current || timeline.loading === "first" || timeline.messages.length === 0) return;
    bordered.current = true;
    const unread = timeline.messages.find((each) => each.outgoing !== true && each.read !== true && each.system === undefined);
    if (num(conversation.unread) > 0) setFirstUnread(unread?.message_id);
  }, [timeline, conversation.unread]);

  const list = useMemo(() => rows(timeline.messages, dayNumber, firstUnread), [timeline.messages, firstUnread]);

  const remember = useCallback(() => {
    const box = scroller.current;
    const inside = column.current;
    if (box === null || inside === null) return;
    const top = box.getBoundingClientRect().top;
    // Rows are in order: the first that reaches into view is found by halving.
    const all = inside.querySelectorAll<HTMLElement>("[data-id]");
    let low = 0;
    let high = all.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle]?.getBoundingClientRect().bottom ?? 0) > top) high = middle;
      else low = middle + 1;
    }
    const row = all[low];
    anchor.current = row === undefined ? undefined : { id: row.dataset["id"] ?? "", offset: row.getBoundingClientRect().top - top };
  }, []);

  const settle = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    settled.current = `${column.current?.offsetHeight ?? 0} ${box.clientHeight}`;
    if (atBottom.current && !timeline.moreAfter) {
      box.scrollTop = box.scrollHeight;
      return;
    }
    const kept = anchor.current;
    const row = kept === undefined ? null : column.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(kept.id)}"]`);
    if (kept === undefined || row === null || row === undefined) return;
    const moved = row.getBoundingClientRect().top - box.getBoundingClientRect().top - kept.offset;
    if (Math.abs(moved) > 0.5) box.scrollTop += moved;
  }, [timeline.moreAfter]);

  // Pictures that come, text that unfolds, a window that is resized.
  useEffect(() => {
    const inside = column.current;
    const box = scroller.current;
    if (inside === null || box === null) return undefined;
    const observer = new ResizeObserver(() => {
      // What a page changed is settled already.
      if (settled.current !== `${inside.offsetHeight} ${box.clientHeight}`) settle();
    });
    observer.observe(inside);
    observer.observe(box);
    return () => observer.disconnect();
  }, [settle]);

  const seek = useCallback(() => {
    const box = scroller.current;
    if (box === null || timeline.loading !== undefined) return;
    if (box.scrollTop < box.clientHeight * kAhead && timeline.moreBefore) onBefore();
    else if (box.scrollHeight - box.scrollTop - box.clientHeight < box.clientHeight * kAhead && timeline.moreAfter) onAfter();
  }, [timeline.loading, timeline.moreBefore, timeline.moreAfter, onBefore, onAfter]);

  useEffect(seek, [seek, list]);

  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    atBottom.current = left < kBottomSlack && !timeline.moreAfter;
    setAway(left > box.clientHeight || timeline.moreAfter);
    remember();
    seek();
  }, [remember, seek, timeline.moreAfter]);

  // Somebody came by a link to one message.
  useEffect(() => {
    if (target === undefined || timeline.loading === "first" || sought.current === target) return;
    sought.current = target;
    void app.timelines.around(id, target).then((there) => {
      if (!there) return app.toast(t("timeline.not_here"));
      atBottom.current = false;
      window.requestAnimationFrame(() => {
        const row = column.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(target)}"]`);
        row?.scrollIntoView({ block: "center" });
        remember();
        setFlash(target);
        setFocused(target);
        row?.querySelector<HTMLElement>(".bubble, .system")?.focus({ preventScroll: true });
      });
      go({ page: "conversation", conversation: id }, true);
      sought.current = undefined;
    });
  }, [target, timeline.loading, app, id, remember, t]);

  // Seen is what was on the screen of somebody who looks at this page.
  useEffect(() => {
    const seen = (): void => {
      if (num(conversation.unread) === 0 || document.visibilityState !== "visible" || !document.hasFocus()) return;
      if (timeline.loading === "first" || timeline.moreAfter) return;
      app.call("conversations.mark_read", { conversation: id }).then(
        (record) => app.putConversation(record),
        () => undefined,
      );
    };
    seen();
    window.addEventListener("focus", seen);
    document.addEventListener("visibilitychange", seen);
    return () => {
      window.removeEventListener("focus", seen);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [app, id, conversation.unread, timeline.loading, timeline.moreAfter]);

  const toBottom = (): void => {
    atBottom.current = true;
    if (timeline.moreAfter) onNewest();
    else if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const all = [...(column.current?.querySelectorAll<HTMLElement>(".bubble, .system") ?? [])];
    const at = all.findIndex((each) => each === document.activeElement);
    if (at < 0) return;
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = all[Math.max(0, Math.min(all.length - 1, to))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  const tabStop = focused !== undefined && list.some((row) => row.message.message_id === focused) ? focused : list[list.length - 1]?.message.message_id;
  const group = conversation.kind === "GROUP";
  return (
    <div className="timeline">
      <Around list={list} before={remember} after={settle} />
      <div className="scroller" ref={scroller} onScroll={onScroll} tabIndex={-1}>
        <div className="column" ref={column} {...(timeline.messages.length > 0 && { role: "list", "aria-label": t("timeline.label") })} onKeyDown={onKeyDown}>
          {timeline.failure !== undefined && (
            <Banner tone="bad" action={<Button onClick={onNewest}>{t("again")}</Button>}>
              {timeline.failure}
            </Banner>
          )}
          {timeline.loading === "first" && list.length === 0 && <Spinner label={t("timeline.loading")} />}
          {timeline.moreBefore && <div className="edge" aria-hidden="true">{timeline.loading === "before" && <span className="spinner small" />}</div>}
          {!timeline.moreBefore && timeline.loading !== "first" && <Beginning conversation={conversation} />}
          {list.map((row) => (
            <MessageRow
              key={row.message.message_id}
              row={row}
              day={row.newDay ? dayName(num(row.message.sent_ms), Date.now(), locale, t("today"), t("yesterday")) : undefined}
              group={group}
              actions={actions}
              tabStop={row.message.message_id === tabStop}
              flash={row.message.message_id === flash}
              onFocused={setFocused}
            />
          ))}
          {timeline.moreAfter && <div className="edge" aria-hidden="true">{timeline.loading === "after" && <span className="spinner small" />}</div>}
        </div>
      </div>
      {(away || timeline.below > 0) && (
        <button type="button" className="to-bottom" onClick={toBottom} aria-label={t("timeline.to_bottom")}>
          {timeline.below > 0 && <span className="unread">{n("timeline.below", timeline.below)}</span>}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

/** Calls `before` when another list is about to be laid out, and `after` when it is: only a class can know the moment. */
class Around extends Component<{ list: unknown; before: () => void; after: () => void }> {
  override getSnapshotBeforeUpdate(previous: Readonly<{ list: unknown }>): boolean {
    const changed = previous.list !== this.props.list;
    // The position that the last scroll event told may be a moment old.
    if (changed) this.props.before();
    return changed;
  }

  override componentDidMount(): void {
    this.props.after();
  }

  override componentDidUpdate(_: unknown, __: unknown, changed: boolean): void {
    if (changed) this.props.after();
  }

  override render(): null {
    return null;
  }
}

function Beginning({ conversation }: { conversation: Conversation }) {
  const { t } = useWords();
  const inClear = conversation.kind === "SMS" || (conversation.guests ?? []).length > 0;
  const words =
    conversation.kind === "NOTES" ? t("begin.notes") : conversation.kind === "SMS" ? t("begin.sms") : conversation.kind === "GROUP" ? t(inClear ? "begin.guests" : "begin.group") : t("begin.direct");
  return (
    <p className={inClear ? "beginning green" : "beginning"}>
      <Icon name={inClear ? "open_lock" : "lock"} size={16} /> {words}
    </p>
  );
}
