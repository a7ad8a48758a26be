import { useEffect, useState } from "react";
import type { AttachedFile } from "../api/types";
import { useWords } from "../i18n";
import { useApp } from "../state/context";
import { go } from "../state/route";
import { fileSize, num } from "../text/format";
import { oneLine } from "../text/safe";
import { isPicture } from "../text/summary";
import { Section } from "../ui/controls";
import { Icon } from "../ui/icons";

const kShown = 30;

/** The files of a conversation, newest first; each leads to its message. */
export function FilesHere({ conversation }: { conversation: string }) {
  const app = useApp();
  const { t, locale } = useWords();
  const [files, setFiles] = useState<readonly AttachedFile[]>([]);
  useEffect(() => {
    app.call("files.list", { conversation }).then(
      (list) => setFiles([...(list.files ?? [])].reverse()),
      () => undefined,
    );
  }, [app, conversation]);
  if (files.length === 0) return null;
  return (
    <Section title={t("files.title")}>
      <ul className="file-links">
        {files.slice(0, kShown).map((file, index) => (
          <li key={index}>
            <button type="button" onClick={() => go({ page: "conversation", conversation, message: file.message_id ?? "" })}>
              <Icon name={isPicture(file.mime) ? "image" : "file"} />
              <bdi>{oneLine(file.name, 60)}</bdi>
              <span className="hint">{fileSize(num(file.size), locale)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
