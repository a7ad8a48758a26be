// What strangers said that nobody accepted yet: who, and how much, not what (docs/specs/requests.md).
import { useState } from "react";
import type { Conversation } from "../api/types";
import { Report } from "../details/report";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { go } from "../state/route";
import { conversationName, grouped, num } from "../text/format";
import { oneLine } from "../text/safe";
import { Avatar } from "../ui/avatar";
import { Banner, Button, IconButton } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { kindOf } from "./avatar";

/** Above the conversations, when there are any. */
export function RequestsEntry() {
  const { t } = useWords();
  const count = useAppState((state) => state.requests.size);
  if (count === 0) return null;
  return (
    <a className="requests-entry" href="#/requests">
      <Icon name="user" />
      <span>{t("requests.entry", { count })}</span>
      <Icon name="chevron" size={16} />
    </a>
  );
}

export function Requests() {
  const { t } = useWords();
  const requests = useAppState((state) => state.requests);
  return (
    <div className="pane">
      <header className="pane-header">
        <IconButton icon="back" label={t("back")} onClick={() => go({ page: "list" })} />
        <h2>{t("requests.title")}</h2>
      </header>
      <div className="requests">
        <p className="hint">{t("requests.words")}</p>
        {requests.size === 0 && <p>{t("requests.none")}</p>}
        <ul>
          {[...requests].map(([id, record]) => (
            <li key={id}>
              <Request record={record} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** In the place of a conversation that is a request. */
export function RequestPane({ record }: { record: Conversation }) {
  const { t } = useWords();
  return (
    <div className="pane">
      <header className="pane-header">
        <IconButton icon="back" className="narrow-only" label={t("back_to_list")} onClick={() => go({ page: "list" })} />
        <h2>{t("requests.single")}</h2>
      </header>
      <div className="requests">
        <p className="hint">{t("requests.words")}</p>
        <Request record={record} />
      </div>
    </div>
  );
}

function Request({ record }: { record: Conversation }) {
  const app = useApp();
  const { t, n } = useWords();
  const [busy, setBusy] = useState(false);
  const [reporting, setReporting] = useState(false);
  const [asked, setAsked] = useState<"delete" | "block" | undefined>(undefined);
  const id = record.conversation ?? "";
  const name = conversationName(record, t("notes"));
  const resembles = oneLine(record.contact?.resembles);
  const account = record.contact?.account ?? "";

  const accept = async (): Promise<void> => {
    setBusy(true);
    const done = await app.acceptRequest(id);
    setBusy(false);
    if (done) go({ page: "conversation", conversation: id });
  };
  const refuse = async (how: "delete" | "block"): Promise<void> => {
    if (await app.refuseRequest(id, how)) go({ page: "requests" });
  };

  return (
    <section className="request" aria-label={name}>
      <div className="request-who">
        <Avatar name={name} id={account || id} kind={kindOf(record)} />
        <div>
          <h3>
            <bdi>{name}</bdi>
          </h3>
          <p className="hint">{n(record.kind === "GROUP" ? "requests.said_in_group" : "requests.said", num(record.messages))}</p>
          {account !== "" && <code className="hint">{grouped(account, 4)}</code>}
        </div>
      </div>
      {resembles !== "" && <Banner tone="bad">{t("requests.resembles", { name, other: resembles })}</Banner>}
      <div className="buttons">
        <Button tone="main" busy={busy} onClick={() => void accept()}>
          {t("requests.accept")}
        </Button>
        <Button icon="trash" onClick={() => setAsked("delete")}>
          {t("requests.delete")}
        </Button>
        <Button icon="block" onClick={() => setAsked("block")}>
          {t("block.action")}
        </Button>
        {record.kind !== "GROUP" && (
          <Button icon="flag" onClick={() => setReporting(true)}>
            {t("report.action")}
          </Button>
        )}
      </div>
      {reporting && (
        <Report
          conversation={id}
          name={name}
          onClose={() => setReporting(false)}
          onSent={(blocked) => {
            if (blocked) void app.listConversations().catch(() => undefined);
          }}
        />
      )}
      {asked === "delete" && (
        <Confirm title={t("requests.delete_title", { name })} action={t("requests.delete")} danger onConfirm={() => refuse("delete")} onClose={() => setAsked(undefined)}>
          {t("requests.delete_words")}
        </Confirm>
      )}
      {asked === "block" && (
        <Confirm title={t("block.title", { name })} action={t("block.action")} danger onConfirm={() => refuse("block")} onClose={() => setAsked(undefined)}>
          {t("requests.block_words")}
        </Confirm>
      )}
    </section>
  );
}
