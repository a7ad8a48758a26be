// One conversation of those that there are: found by its name, chosen like one of several radio buttons, which it is.
import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import type { Conversation } from "../api/types";
import { useWords } from "../i18n";
import { useAppState } from "../state/context";
import { conversationName } from "../text/format";
import { Icon } from "../ui/icons";
import { ConversationAvatar } from "./avatar";

/** Rows that are laid out; who looks for another one types its name. */
const kShown = 60;

export function ConversationPicker({
  label,
  value,
  offered,
  onChange,
}: {
  label: string;
  value: string | undefined;
  offered: (conversation: Conversation) => boolean;
  onChange: (conversation: string) => void;
}) {
  const { t, n } = useWords();
  const order = useAppState((state) => state.order);
  const conversations = useAppState((state) => state.conversations);
  const [find, setFind] = useState("");
  const group = useId();
  const list = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const words = find.trim().toLowerCase();
    const all = order.flatMap((id) => conversations.get(id) ?? []).filter(offered);
    return all.filter((each) => words === "" || `${conversationName(each, t("notes"))} ${each.conversation ?? ""}`.toLowerCase().includes(words)).slice(0, kShown);
  }, [order, conversations, offered, find, t]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const radios = list.current?.querySelectorAll<HTMLInputElement>("input");
    if (event.key !== "ArrowDown" || radios === undefined || radios.length === 0) return;
    event.preventDefault();
    ([...radios].find((each) => each.checked) ?? radios[0])?.focus();
  };

  return (
    <div className="picker">
      <div className="list-find">
        <Icon name="search" size={18} />
        <input type="search" value={find} placeholder={t("list.find")} aria-label={t("list.find")} onChange={(event) => setFind(event.target.value)} onKeyDown={onKeyDown} />
      </div>
      <div className="picker-list" role="radiogroup" aria-label={label} ref={list}>
        {shown.map((each) => {
          const id = each.conversation ?? "";
          const name = conversationName(each, t("notes"));
          const guests = (each.guests ?? []).length;
          return (
            <label key={id} className="picker-row">
              <input type="radio" name={group} value={id} checked={id === value} onChange={() => onChange(id)} />
              <ConversationAvatar record={each} name={name} size="small" />
              <span className="picker-words">
                <bdi>{name}</bdi>
                {guests > 0 && (
                  <span className="tag green">
                    <Icon name="open_lock" size={12} /> {n("guest.badge", guests)}
                  </span>
                )}
              </span>
            </label>
          );
        })}
        {shown.length === 0 && <p className="hint">{t("list.none_found")}</p>}
      </div>
    </div>
  );
}
