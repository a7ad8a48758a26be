// Search in all messages: words, a person, a kind, a span of time. The index is on this device; nothing leaves it.
import { useEffect, useRef, useState } from "react";
import type { Message, MessageKind, SearchRequest } from "../api/types";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { go } from "../state/route";
import { conversationName, dateAndTime, num, personName, senderName } from "../text/format";
import { summary } from "../text/summary";
import { describe } from "../transport/transport";
import { IconButton, Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import { Highlighted } from "./highlighted";

const kWaitMs = 180;

export function Search() {
  const app = useApp();
  const words = useWords();
  const { t, n, locale } = words;
  const conversations = useAppState((state) => state.conversations);
  const [text, setText] = useState(() => window.sessionStorage.getItem("sotto.search") ?? "");
  const [kind, setKind] = useState<"any" | "files" | MessageKind>("any");
  const [within, setWithin] = useState("");
  const [since, setSince] = useState("");
  const [found, setFound] = useState<readonly Message[] | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const asked = useRef(0);

  useEffect(() => {
    window.sessionStorage.setItem("sotto.search", text);
    const filtered = kind !== "any" || since !== "";
    if (text.trim().length < 2 && !filtered) {
      setFound(undefined);
      return undefined;
    }
    const number = ++asked.current;
    const timer = window.setTimeout(async () => {
      const request: SearchRequest = {
        ...(text.trim() !== "" && { words: text.trim() }),
        ...(within !== "" && { conversation: within }),
        ...(kind === "files" && { has_files: true }),
        ...(kind !== "any" && kind !== "files" && { kinds: [kind] }),
        ...(since !== "" && { since_ms: String(new Date(`${since}T00:00`).getTime()) }),
        limit: 100,
      };
      try {
        const messages = (await app.call("messages.search", request)).messages ?? [];
        if (asked.current === number) {
          setFound(messages);
          setFailure(undefined);
        }
      } catch (error) {
        if (asked.current === number) setFailure(describe(error));
      }
    }, kWaitMs);
    return () => window.clearTimeout(timer);
  }, [app, text, kind, within, since]);

  return (
    <div className="search">
      <header className="list-header">
        <IconButton icon="back" label={t("back")} onClick={() => go({ page: "list" })} />
        <h2>{t("search.title")}</h2>
      </header>
      <div className="list-find">
        <Icon name="search" size={18} />
        <input type="search" autoFocus value={text} placeholder={t("search.words")} aria-label={t("search.words")} onChange={(event) => setText(event.target.value)} />
      </div>
      <div className="search-filters">
        <select aria-label={t("search.kind")} value={kind} onChange={(event) => setKind(event.target.value as typeof kind)}>
          <option value="any">{t("search.any_kind")}</option>
          <option value="files">{t("search.files")}</option>
          <option value="LOCATION">{t("search.places")}</option>
          <option value="POLL">{t("search.polls")}</option>
          <option value="CONTACT_CARD">{t("search.cards")}</option>
        </select>
        <select aria-label={t("search.within")} value={within} onChange={(event) => setWithin(event.target.value)}>
          <option value="">{t("search.everywhere")}</option>
          {[...conversations.values()].map((each) => (
            <option key={each.conversation} value={each.conversation}>
              {conversationName(each, t("notes"))}
            </option>
          ))}
        </select>
        <label className="search-since">
          <span>{t("search.since")}</span>
          <input type="date" value={since} onChange={(event) => setSince(event.target.value)} />
        </label>
      </div>
      <p className="search-count" role="status">
        {failure ?? (found === undefined ? t("search.hint") : n("search.found", found.length))}
      </p>
      {found === undefined && failure === undefined && text.trim().length >= 2 && <Spinner label={t("search.running")} />}
      <ul className="results">
        {(found ?? []).map((message) => (
          <li key={message.message_id}>
            <a href={`#/c/${encodeURIComponent(message.conversation ?? "")}?m=${message.message_id}`}>
              <span className="result-top">
                <bdi>{conversationName(conversations.get(message.conversation ?? ""), t("notes")) || personName(message.conversation)}</bdi>
                <time>{dateAndTime(num(message.sent_ms), locale)}</time>
              </span>
              <span className="result-said">
                <span className="result-who">{message.outgoing === true ? t("you") : senderName(message)}: </span>
                <bdi>
                  <Highlighted text={summary(message, words)} words={text} />
                </bdi>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
