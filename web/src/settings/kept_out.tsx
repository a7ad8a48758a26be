// What is kept out: people who are blocked, and files that break what should show them. Both can be let in again.
import type { AttachedFile } from "../api/types";
import { kindOf } from "../conversations/avatar";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { conversationName, fileSize, num } from "../text/format";
import { oneLine } from "../text/safe";
import { Avatar } from "../ui/avatar";
import { Banner, Button, Section } from "../ui/controls";
import { Icon } from "../ui/icons";
import { useCall } from "./use_call";

export function Blocked() {
  const app = useApp();
  const { t } = useWords();
  const [list, setList, failure] = useCall("requests.blocked");
  const blocked = list?.conversations ?? [];
  return (
    <Section title={t("blocked.title")} hint={t("blocked.words")}>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      {list !== undefined && blocked.length === 0 && <p>{t("blocked.none")}</p>}
      <ul className="members">
        {blocked.map((each) => {
          const name = conversationName(each, t("notes"));
          return (
            <li key={each.conversation}>
              <Avatar name={name} id={each.contact?.account ?? each.conversation ?? ""} kind={kindOf(each)} size="small" />
              <span className="member-words">
                <bdi>{name}</bdi>
              </span>
              <Button
                className="small"
                aria-label={t("blocked.undo", { name })}
                onClick={() =>
                  void app.attempt("requests.unblock", { conversation: each.conversation ?? "" }).then((record) => {
                    if (record === undefined) return;
                    setList({ conversations: blocked.filter((other) => other !== each) });
                    app.refreshConversation(record.conversation ?? "");
                  })
                }
              >
                {t("block.undo")}
              </Button>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

export function Quarantine() {
  const app = useApp();
  const { t, locale } = useWords();
  const [list, setList, failure] = useCall("files.quarantine");
  const files = list?.files ?? [];
  const release = (file: AttachedFile): void => {
    const where = { conversation: file.conversation ?? "", message_id: file.message_id ?? "", position: file.position ?? 0 };
    void app.attempt("files.release", where).then((done) => done !== undefined && setList({ files: files.filter((other) => other !== file) }));
  };
  return (
    <Section title={t("quarantine.title")} hint={t("quarantine.words")}>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      {list !== undefined && files.length === 0 && <p>{t("quarantine.none")}</p>}
      <ul className="plain-list">
        {files.map((each) => (
          <li key={`${each.message_id} ${each.position}`}>
            <Icon name="warning" />
            <span className="member-words">
              <a href={`#/c/${encodeURIComponent(each.conversation ?? "")}?m=${each.message_id ?? ""}`}>
                <bdi>{oneLine(each.name, 60)}</bdi>
              </a>
              <span className="hint">
                {fileSize(num(each.size), locale)} · {each.media_failure || t("file.quarantined")}
              </span>
            </span>
            <Button className="small" onClick={() => release(each)}>
              {t("quarantine.release")}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
