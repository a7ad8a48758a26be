// The photo of a group: given and taken away by admins, seen by everybody in it.
import { type ChangeEvent, useState } from "react";
import type { Group } from "../api/types";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { isElsewhere } from "../state/photos";
import { describe } from "../transport/transport";
import { Button } from "../ui/controls";
import { type Drawing, drawnAnew } from "../ui/picture";

/** Large enough for the largest sign on a dense screen, and far below what a group takes (1 MiB). */
const kDrawing: Drawing = { edge: 640, square: true, type: "image/jpeg", name: "photo" };

/** Offers to change it. `onChange` gets the group as the client has it; the photo itself counts once the server has it. */
export function GroupPhoto({ group, onChange }: { group: Group; onChange: (next: Group) => void }) {
  const app = useApp();
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const id = group.group ?? "";
  const has = group.photo !== undefined;

  const give = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file === undefined) return;
    setBusy(true);
    setFailure(undefined);
    const drawn = await drawnAnew(file, kDrawing).catch(() => undefined);
    try {
      if (drawn === undefined) throw new Error(t("picture.unreadable"));
      const { upload } = await app.transport.upload(drawn, () => undefined, new AbortController().signal);
      onChange(await app.call("groups.set_photo", { group: id, photo: { upload, name: drawn.name } }));
      app.toast(t("group.photo_given"), "good");
    } catch (error) {
      setFailure(describe(error));
    }
    setBusy(false);
  };

  return (
    <div className="buttons group-photo">
      <label className={busy ? "button plain file-button busy" : "button plain file-button"} aria-busy={busy}>
        {t(has ? "group.photo_change" : "group.photo_give")}
        <input type="file" accept="image/*" className="only-read" disabled={busy} onChange={(event) => void give(event)} />
      </label>
      {has && <Button onClick={() => void app.attempt("groups.set_photo", { group: id }).then((next) => next !== undefined && onChange(next))}>{t("group.photo_remove")}</Button>}
      {failure !== undefined && (
        <p className="error" role="alert">
          {failure}
        </p>
      )}
    </div>
  );
}

/** A photo that is not fetched by itself, as the user decided for files. */
export function PhotoElsewhere({ conversation }: { conversation: string }) {
  const app = useApp();
  const { t } = useWords();
  const photo = useAppState((state) => state.groupPhotos.get(conversation));
  if (!isElsewhere(photo)) return null;
  return (
    <Button className="small" icon="download" onClick={() => void app.attempt("files.download", { conversation, message_id: photo?.message_id ?? "", position: photo?.position ?? 0 })}>
      {t("group.photo_fetch")}
    </Button>
  );
}
