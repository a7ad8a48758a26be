// One conversation: who it is with and how safe it is, what was said, and where to write.
import { useCallback, useEffect, useRef, useState } from "react";
import type { Conversation, Message } from "../api/types";
import { Composer } from "../composer/composer";
import { ConversationAvatar } from "../conversations/avatar";
import { RequestPane } from "../conversations/requests";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { go } from "../state/route";
import { useStore } from "../state/store";
import { conversationName, num, personName, phoneNumber } from "../text/format";
import { describe } from "../transport/transport";
import { Banner, Button, IconButton, Spinner } from "../ui/controls";
import { Icon } from "../ui/icons";
import { ChannelBadge } from "../details/security";
import { KeyChanged } from "../details/key_changed";
import { SmsGate, SmsOffer } from "../details/sms";
import { NotAllowedYet } from "../family/not_allowed";
import { ScheduledHere } from "../scheduled/here";
import { type Asked, ConversationActions } from "./actions";
import { MessageDialogs } from "./dialogs";
import { TimelineView } from "./view";

export function ConversationPane({ conversation, message, details }: { conversation: string; message: string | undefined; details: boolean }) {
  const app = useApp();
  const { t } = useWords();
  const record = useAppState((state) => state.conversations.get(conversation));
  const request = useAppState((state) => state.requests.get(conversation));
  const listed = useAppState((state) => state.listed);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const number = phoneNumber(conversation);

  useEffect(() => {
    if (record !== undefined || request !== undefined || !listed) return;
    // Not in the list: a name from a link or a new contact.
    app.call("conversations.open", { conversation }).then(
      (opened) => app.putConversation(opened),
      (error: unknown) => setFailure(describe(error)),
    );
  }, [app, conversation, record, request, listed]);

  if (request !== undefined) return <RequestPane record={request} />;

  if (record === undefined) {
    return (
      <div className="nothing">
        {failure === undefined ? <Spinner label={t("conversation.opening")} /> : <Banner tone="bad">{failure}</Banner>}
        {failure !== undefined && number !== undefined && <SmsOffer number={number} />}
        <Button icon="back" onClick={() => go({ page: "list" })}>
          {t("back")}
        </Button>
      </div>
    );
  }
  return <Open key={conversation} record={record} message={message} details={details} />;
}

function Open({ record, message, details }: { record: Conversation; message: string | undefined; details: boolean }) {
  const app = useApp();
  const { t } = useWords();
  const id = record.conversation ?? "";
  const store = app.timelines.of(id);
  const timeline = useStore(store, (each) => each);
  const [replyTo, setReplyTo] = useState<Message | undefined>(undefined);
  const [editing, setEditing] = useState<Message | undefined>(undefined);
  const [shown, setShown] = useState<{ what: Asked; message: Message } | undefined>(undefined);
  const [dropping, setDropping] = useState(false);
  const [dropped, setDropped] = useState<readonly File[]>([]);
  const depth = useRef(0);
  const composer = useRef<HTMLTextAreaElement>(null);

  const actions = useRef(new ConversationActions(app, id)).current;
  actions.bind({
    reply: (target) => {
      setEditing(undefined);
      setReplyTo(target);
      composer.current?.focus();
    },
    edit: (target) => {
      setReplyTo(undefined);
      setEditing(target);
      composer.current?.focus();
    },
    show: (what, target) => setShown({ what, message: target }),
  });

  const name = conversationName(record, t("notes"));
  const sms = record.kind === "SMS";
  const changed = (record.contact?.changed_fingerprint ?? "") !== "";
  const gone = record.contact?.account_retired === true;
  const number = phoneNumber(record.contact?.handle || record.contact?.retired_handle || "");
  const blocked = record.settings?.blocked === true;

  const editLast = useCallback(() => {
    const own = [...store.get().messages].reverse().find((each) => each.outgoing === true && each.unsent !== true && each.kind === "TEXT");
    if (own !== undefined && !sms) actions.edit(own);
  }, [store, actions, sms]);

  const write = (
    <Composer
      conversation={record}
      field={composer}
      replyTo={replyTo}
      editing={editing}
      dropped={dropped}
      onDropTaken={() => setDropped([])}
      onDone={() => {
        setReplyTo(undefined);
        setEditing(undefined);
      }}
      onEditLast={editLast}
    />
  );

  return (
    <div
      className={sms ? "pane sms" : "pane"}
      onDragEnter={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        depth.current += 1;
        setDropping(true);
      }}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes("Files")) event.preventDefault();
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setDropping(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        depth.current = 0;
        setDropping(false);
        setDropped([...event.dataTransfer.files]);
      }}
    >
      <Header record={record} name={name} details={details} />
      {changed ? <KeyChanged record={record} name={name} /> : <NotAllowedYet record={record} name={name} />}
      <TimelineView
        conversation={record}
        timeline={timeline}
        actions={actions}
        target={message}
        onBefore={() => void app.timelines.before(id)}
        onAfter={() => void app.timelines.after(id)}
        onNewest={() => void app.timelines.newest(id)}
      />
      <TypingLine conversation={id} />
      <ScheduledHere conversation={id} />
      {gone ? (
        <div className="composer-closed">
          <p>{t("conversation.gone")}</p>
          {number !== undefined && <SmsOffer number={number} />}
        </div>
      ) : blocked ? (
        <p className="composer-closed">{t("conversation.blocked")}</p>
      ) : sms ? (
        <SmsGate number={id.replace(/^sms:/, "")}>{write}</SmsGate>
      ) : (
        write
      )}
      {dropping && !gone && !blocked && (
        <div className="drop-here" aria-hidden="true">
          <p>{t("composer.drop")}</p>
        </div>
      )}
      {shown !== undefined && <MessageDialogs shown={shown} conversation={record} onClose={() => setShown(undefined)} />}
    </div>
  );
}

function Header({ record, name, details }: { record: Conversation; name: string; details: boolean }) {
  const { t } = useWords();
  const id = record.conversation ?? "";
  const handle = record.contact?.handle ?? "";
  const under = record.kind === "NOTES" ? t("notes.under") : handle !== "" && handle !== name ? handle : "";
  const timer = num(record.settings?.timer_s);
  return (
    <header className="pane-header">
      <IconButton icon="back" className="narrow-only" label={t("back_to_list")} onClick={() => go({ page: "list" })} />
      <button type="button" className="pane-who" onClick={() => go({ page: "conversation", conversation: id, details: !details })}>
        <ConversationAvatar record={record} name={name} />
        <span className="pane-names">
          <h2>
            <bdi>{name}</bdi>
          </h2>
          <span className="pane-under">
            <ChannelBadge record={record} />
            {under !== "" && <bdi className="pane-handle">{under}</bdi>}
            {timer > 0 && <Icon name="hourglass" size={14} label={t("timer.on")} />}
          </span>
        </span>
      </button>
      <IconButton icon="search" className="wide-only" label={t("search.in_conversation")} onClick={() => go({ page: "search" })} />
      <IconButton icon="info" label={t("details")} aria-pressed={details} onClick={() => go({ page: "conversation", conversation: id, details: !details })} />
    </header>
  );
}

function TypingLine({ conversation }: { conversation: string }) {
  const { t } = useWords();
  const typists = useAppState((state) => state.typing.get(conversation));
  if (typists === undefined) return <div className="typing" />;
  const names = typists.slice(0, 3).map((each) => personName(each.sender));
  return (
    <div className="typing" role="status">
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {names.length === 1 ? t("typing.somebody", { name: names[0] ?? "" }) : t("typing.several", { names: names.join(", ") })}
    </div>
  );
}
