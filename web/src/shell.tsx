// The messenger: list, conversation and details side by side where there is room, one of them where there is not.
import { useCallback, useEffect, useState } from "react";
import { ConversationList } from "./conversations/list";
import { NewConversation } from "./conversations/new";
import { Search } from "./conversations/search";
import { ConversationPane } from "./timeline/pane";
import { Details } from "./details/details";
import { Settings } from "./settings/settings";
import { Requests } from "./conversations/requests";
import { Scheduled } from "./scheduled/scheduled";
import { Alerts } from "./alerts";
import { Shortcuts } from "./shortcuts";
import { useApp, useAppState } from "./state/context";
import { go, useRoute } from "./state/route";
import { useWords } from "./i18n";
import { conversationName, num, personName } from "./text/format";
import { excerpt } from "./text/safe";
import { summary } from "./text/summary";

export function Shell() {
  const app = useApp();
  const words = useWords();
  const { t } = words;
  const route = useRoute();
  const conversations = useAppState((state) => state.conversations);
  const order = useAppState((state) => state.order);
  const isRequest = useAppState((state) => state.requests.has(route.conversation ?? ""));
  const [making, setMaking] = useState(false);
  const [help, setHelp] = useState(false);

  useEffect(() => {
    let unread = 0;
    for (const each of conversations.values()) if (num(each.unread) > 0) unread += 1;
    document.title = unread > 0 ? `(${unread}) Sotto` : "Sotto";
  }, [conversations]);

  useEffect(
    () =>
      app.onArrival((message) => {
        if (message.request === true) {
          app.announce(t("announce.request", { name: personName(message.sender) }));
          return;
        }
        const name = conversationName(app.state.get().conversations.get(message.conversation ?? ""), t("notes"));
        app.announce(t("announce.message", { name: name || excerpt(message.sender), text: excerpt(summary(message, words)) }));
      }),
    [app, t, words],
  );

  const step = useCallback(
    (by: number) => {
      const at = order.indexOf(route.conversation ?? "");
      const next = order[at < 0 ? 0 : Math.max(0, Math.min(order.length - 1, at + by))];
      if (next !== undefined) go({ page: "conversation", conversation: next });
    },
    [order, route.conversation],
  );

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const command = event.ctrlKey || event.metaKey;
      const inText = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (command && event.key.toLowerCase() === "k") {
        event.preventDefault();
        go({ page: "search" });
      } else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        step(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.altKey && event.key.toLowerCase() === "n") {
        event.preventDefault();
        setMaking(true);
      } else if (event.altKey && event.key === ",") {
        event.preventDefault();
        go({ page: "settings", section: "profile" });
      } else if (event.altKey && event.key.toLowerCase() === "i" && route.page === "conversation") {
        event.preventDefault();
        go({ ...route, details: route.details !== true });
      } else if (event.key === "?" && !inText) {
        event.preventDefault();
        setHelp(true);
      } else if (event.key === "Escape" && !event.defaultPrevented) {
        if (route.details === true) go({ page: "conversation", conversation: route.conversation ?? "" });
        else if (route.page !== "conversation" && route.page !== "list") go({ page: "list" });
      }
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [route, step]);

  const middle =
    route.page === "settings" ? (
      <Settings section={route.section ?? "profile"} />
    ) : route.page === "requests" ? (
      <Requests />
    ) : route.page === "scheduled" ? (
      <Scheduled />
    ) : route.conversation !== undefined ? (
      <ConversationPane key={route.conversation} conversation={route.conversation} message={route.message} details={route.details === true} />
    ) : (
      <NothingChosen onNew={() => setMaking(true)} />
    );

  return (
    <div className={`shell at-${route.page}${route.details === true ? " with-details" : ""}`}>
      <h1 className="only-read">Sotto</h1>
      <a className="skip" href="#content" onClick={(event) => {
        event.preventDefault();
        document.getElementById("content")?.focus();
      }}>
        {t("skip")}
      </a>
      <Alerts />
      <div className="panes">
        <nav className="pane-list" aria-label={t("conversations")}>
          {route.page === "search" ? <Search /> : <ConversationList current={route.conversation} onNew={() => setMaking(true)} />}
        </nav>
        <main className="pane-main" id="content" tabIndex={-1}>
          {middle}
        </main>
        {route.details === true && route.conversation !== undefined && !isRequest && (
          <aside className="pane-details" aria-label={t("details")}>
            <Details key={route.conversation} conversation={route.conversation} />
          </aside>
        )}
      </div>
      {making && <NewConversation onClose={() => setMaking(false)} />}
      {help && <Shortcuts onClose={() => setHelp(false)} />}
    </div>
  );
}

function NothingChosen({ onNew }: { onNew: () => void }) {
  const { t } = useWords();
  return (
    <div className="nothing">
      <img src="/icon.svg" alt="" width="72" height="72" />
      <h2>{t("nothing.title")}</h2>
      <p>{t("nothing.words")}</p>
      <button type="button" className="button main" onClick={onNew}>
        <span>{t("new.title")}</span>
      </button>
      <p className="hint">{t("nothing.help")}</p>
    </div>
  );
}
