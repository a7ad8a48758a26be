// The files of a message: where each is, how far, and pictures as the sandbox made them anew.
import { useEffect, useState } from "react";
import type { AttachedFile, Message } from "../api/types";
import { useWords, type Words } from "../i18n";
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
  const { t } = useWords();
  const files = message.files ?? [];
  if (files.length === 0 || message.kind === "VOICE_NOTE") return null;
  const pictures = files.filter(isShownAsPicture).length;
  return (
    <div className={pictures > 1 ? "files many" : "files"}>
      {files.slice(0, 10).map((file, index) => {
        const shown = { message, file, position: file.position ?? index, actions };
        if (isShownAsPicture(file)) return <Picture key={index} {...shown} />;
        const note = refusal(file, t);
        return <OtherFile key={index} {...shown} {...(note !== undefined && { note })} />;
      })}
    </div>
  );
}

/** What the sandbox made of it counts more than what its sender called it. */
function isShownAsPicture(file: AttachedFile): boolean {
  switch (file.media) {
    case "CLEAN":
    case "HIDDEN":
      return true;
    case "QUARANTINED":
    case "SUSPECT":
    case "REFUSED":
    case "NOT_A_PICTURE":
      return false;
    default:
      return isPicture(file.mime);
  }
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

export function FileProgress({ file }: { file: AttachedFile }) {
  const { t } = useWords();
  const part = num(file.stored_size) === 0 ? 0 : num(file.transferred) / num(file.stored_size);
  return <progress max={1} value={Math.min(1, part)} aria-label={t(file.state === "UPLOADING" ? "file.uploading" : "file.downloading")} />;
}

/** Why nothing of it is shown; undefined while something may be. */
function refusal(file: AttachedFile, t: Words["t"]): string | undefined {
  switch (file.media) {
    case "QUARANTINED":
      return file.media_failure || t("file.quarantined");
    case "SUSPECT":
      return file.media_failure || t("file.suspect");
    case "REFUSED":
      return file.media_failure || t("file.not_shown");
    case "NOT_A_PICTURE":
      return t("file.not_a_picture");
    default:
      return undefined;
  }
}

/** What may be shown of a picture now: nothing before the sandbox made it anew, a thumbnail before it is here or somebody wants more. */
function useShown(shown: Shown, uncovered: boolean): { src: string | undefined; full: boolean; broken: boolean } {
  const { file, actions, message } = shown;
  const here = file.state === "HERE";
  const unchecked = file.media === "UNCHECKED";
  const covered = file.media === "HIDDEN" && !uncovered;
  const as = here ? (unchecked || covered ? undefined : "clean") : (file.thumbnail ?? "") !== "" ? "thumbnail" : undefined;
  const [got, setGot] = useState<{ of: string; as: "clean" | "thumbnail"; url: string } | undefined>(undefined);
  const [broken, setBroken] = useState(false);
  const of = `${message.message_id ?? ""} ${shown.position}`;

  useEffect(() => {
    let gone = false;
    setBroken(false);
    if (as === undefined) return undefined;
    actions.app.files.url(wanted(shown, as)).then(
      (url) => !gone && setGot({ of, as, url }),
      () => !gone && setBroken(true),
    );
    return () => {
      gone = true;
    };
  }, [of, as]);

  const small = here && !unchecked && (file.clean_thumbnail ?? "") !== "" ? `data:image/jpeg;base64,${file.clean_thumbnail}` : undefined;
  // The thumbnail stays until the picture itself is there.
  const url = as !== undefined && got?.of === of ? got.url : undefined;
  return { src: url ?? small, full: url !== undefined && got?.as === "clean", broken: broken && here };
}

function Picture(shown: Shown) {
  const { file, message } = shown;
  const { t, locale } = useWords();
  const [uncovered, setUncovered] = useState(false);
  const [open, setOpen] = useState(false);
  const { src, full, broken } = useShown(shown, uncovered);
  const remote = file.state !== "HERE" && file.state !== "UPLOADING";
  const covered = file.media === "HIDDEN" && !uncovered;
  const name = message.kind === "STICKER" ? t("kind.sticker", { emoji: oneLine(message.sticker?.emoji, 8) }) : oneLine(file.name, 80);

  if (broken) return <OtherFile {...shown} note={t("file.not_shown")} />;
  const choose = (): void => {
    if (covered) setUncovered(true);
    else if (full) setOpen(true);
    else if (remote) void fetchFile(shown);
  };
  return (
    <figure className="picture">
      {src !== undefined ? (
        <button type="button" tabIndex={-1} className="picture-open" aria-label={t(covered ? "file.hidden" : "file.open_picture", { name })} onClick={choose}>
          <img src={src} alt={covered ? "" : name} className={covered ? "covered" : remote ? "blurred" : ""} />
        </button>
      ) : (
        <div className="picture-empty">
          <Icon name="image" size={28} />
        </div>
      )}
      {file.media === "UNCHECKED" && (
        <figcaption className="picture-note" role="status">
          {t("file.waiting")}
        </figcaption>
      )}
      {covered && (
        <button type="button" tabIndex={-1} className="picture-fetch" onClick={() => setUncovered(true)}>
          {t("file.show")}
        </button>
      )}
      {file.state === "REMOTE" && (
        <button type="button" tabIndex={-1} className="picture-fetch" onClick={() => void fetchFile(shown)}>
          <Icon name="download" /> {t("file.fetch_size", { size: fileSize(num(file.size), locale) })}
        </button>
      )}
      {(file.state === "UPLOADING" || file.state === "DOWNLOADING") && <FileProgress file={file} />}
      {file.state === "FAILED" && (
        <figcaption className="failed">
          <Icon name="warning" size={15} /> {file.failure || t("file.failed")}
        </figcaption>
      )}
      {open && full && (
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
          <img src={src} alt={name} className="picture-large" />
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
        {(file.state === "UPLOADING" || file.state === "DOWNLOADING") && <FileProgress file={file} />}
      </span>
      {file.state === "REMOTE" || file.state === "FAILED" ? (
        <IconButton icon="download" tabIndex={-1} label={t("file.fetch", { name: oneLine(file.name, 80) })} onClick={() => void fetchFile(shown)} />
      ) : (
        file.state === "HERE" && <IconButton icon="download" tabIndex={-1} label={t("file.save", { name: oneLine(file.name, 80) })} onClick={() => void save(shown)} />
      )}
    </div>
  );
}
