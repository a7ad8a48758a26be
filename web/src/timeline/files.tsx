// The files of a message: where each is, how far, and pictures as the sandbox made them anew.
import { useEffect, useState } from "react";
import type { AttachedFile, Message } from "../api/types";
import { useWords } from "../i18n";
import { fileSize, num } from "../text/format";
import { oneLine } from "../text/safe";
import { isPicture } from "../text/summary";
import { describe } from "../transport/transport";
import { Button, IconButton } from "../ui/controls";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import type { ConversationActions } from "./actions";

interface Shown {
  message: Message;
  file: AttachedFile;
  position: number;
  actions: ConversationActions;
}

export function FileList({ message, actions }: { message: Message; actions: ConversationActions }) {
  const files = message.files ?? [];
  if (files.length === 0 || message.kind === "VOICE_NOTE") return null;
  const pictures = files.filter((file) => isPicture(file.mime)).length;
  return (
    <div className={pictures > 1 ? "files many" : "files"}>
      {files.slice(0, 10).map((file, index) => {
        const shown = { message, file, position: file.position ?? index, actions };
        return isPicture(file.mime) ? <Picture key={index} {...shown} /> : <OtherFile key={index} {...shown} />;
      })}
    </div>
  );
}

function wanted({ message, position }: Shown, as: "original" | "thumbnail" | "clean") {
  return { conversation: message.conversation ?? "", message_id: message.message_id ?? "", position, as };
}

async function fetchFile(shown: Shown): Promise<void> {
  const { actions, message, position } = shown;
  const file = await actions.app.attempt("files.download", {
    conversation: message.conversation ?? "",
    message_id: message.message_id ?? "",
    position,
  });
  if (file !== undefined) {
    actions.app.timelines.fileChanged({ ...file, conversation: message.conversation ?? "", message_id: message.message_id ?? "", position });
  }
}

async function save(shown: Shown): Promise<void> {
  try {
    await shown.actions.app.files.save(wanted(shown, "original"), oneLine(shown.file.name, 120) || "file");
  } catch (error) {
    shown.actions.app.toast(describe(error), "bad");
  }
}

function Progress({ file }: { file: AttachedFile }) {
  const { t } = useWords();
  const part = num(file.stored_size) === 0 ? 0 : num(file.transferred) / num(file.stored_size);
  return <progress max={1} value={Math.min(1, part)} aria-label={t(file.state === "UPLOADING" ? "file.uploading" : "file.downloading")} />;
}

function Picture(shown: Shown) {
  const { file, actions } = shown;
  const { t, locale } = useWords();
  const here = file.state === "HERE" || (shown.message.outgoing === true && file.state === "UPLOADING");
  const hasThumbnail = (file.thumbnail ?? "") !== "";
  const [url, setUrl] = useState<string | undefined>(undefined);
  const [broken, setBroken] = useState(false);
  const [open, setOpen] = useState(false);
  const key = `${shown.message.message_id} ${shown.position} ${here}`;

  useEffect(() => {
    let gone = false;
    setBroken(false);
    if (!here && !hasThumbnail) return undefined;
    actions.app.files.url(wanted(shown, here ? "clean" : "thumbnail")).then(
      (made) => !gone && setUrl(made),
      () => !gone && setBroken(true),
    );
    return () => {
      gone = true;
    };
  }, [key, hasThumbnail]);

  const name = oneLine(file.name, 80);
  if (broken && here) return <OtherFile {...shown} note={t("file.not_shown")} />;
  return (
    <figure className="picture">
      {url !== undefined ? (
        <button type="button" tabIndex={-1} className="picture-open" aria-label={t("file.open_picture", { name })} onClick={() => (here ? setOpen(true) : void fetchFile(shown))}>
          <img src={url} alt={name} className={here ? "" : "blurred"} />
        </button>
      ) : (
        <div className="picture-empty">
          <Icon name="image" size={28} />
        </div>
      )}
      {file.state === "REMOTE" && (
        <button type="button" tabIndex={-1} className="picture-fetch" onClick={() => void fetchFile(shown)}>
          <Icon name="download" /> {t("file.fetch_size", { size: fileSize(num(file.size), locale) })}
        </button>
      )}
      {(file.state === "UPLOADING" || file.state === "DOWNLOADING") && <Progress file={file} />}
      {file.state === "FAILED" && (
        <figcaption className="failed">
          <Icon name="warning" size={15} /> {file.failure || t("file.failed")}
        </figcaption>
      )}
      {open && url !== undefined && (
        <Dialog
          wide
          title={name || t("kind.picture")}
          onClose={() => setOpen(false)}
          actions={
            <Button icon="download" onClick={() => void save(shown)}>
              {t("file.save_original")}
            </Button>
          }
        >
          <img src={url} alt={name} className="picture-large" />
          <p className="hint">{t("file.clean")}</p>
        </Dialog>
      )}
    </figure>
  );
}

function OtherFile(shown: Shown & { note?: string }) {
  const { file, note } = shown;
  const { t, locale } = useWords();
  const size = fileSize(num(file.size), locale);
  return (
    <div className="file">
      <span className="file-sign">
        <Icon name="file" size={24} />
      </span>
      <span className="file-words">
        <bdi className="file-name">{oneLine(file.name, 80) || t("kind.file")}</bdi>
        <span className="hint">{file.state === "FAILED" ? file.failure || t("file.failed") : [size, note].filter(Boolean).join(" · ")}</span>
        {(file.state === "UPLOADING" || file.state === "DOWNLOADING") && <Progress file={file} />}
      </span>
      {file.state === "REMOTE" || file.state === "FAILED" ? (
        <IconButton icon="download" tabIndex={-1} label={t("file.fetch", { name: oneLine(file.name, 80) })} onClick={() => void fetchFile(shown)} />
      ) : (
        file.state === "HERE" && <IconButton icon="download" tabIndex={-1} label={t("file.save", { name: oneLine(file.name, 80) })} onClick={() => void save(shown)} />
      )}
    </div>
  );
}
