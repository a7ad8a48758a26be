import { useState } from "react";
import type { LinkPreview, Message } from "../api/types";
import { useWords } from "../i18n";
import { linkText } from "../text/rich";
import { excerpt, oneLine } from "../text/safe";
import { LinkDialog } from "./link_dialog";

/** What the sender says a page holds; the page is not fetched. It leads where the link of the text leads, or nowhere. */
export function Preview({ message, preview, onRevealLinks }: { message: Message; preview: LinkPreview; onRevealLinks: () => void }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const link = (message.links ?? []).find((each) => linkText(message.body ?? "", each) === preview.url);
  if (link === undefined) {
    return (
      <div className="preview">
        <PreviewWords preview={preview} host={undefined} />
      </div>
    );
  }
  return (
    <>
      <button type="button" className="preview" tabIndex={-1} title={t("link.look")} onClick={() => setOpen(true)}>
        <PreviewWords preview={preview} host={link.host} />
      </button>
      {open && <LinkDialog link={link} text={preview.url ?? ""} onReveal={onRevealLinks} onClose={() => setOpen(false)} />}
    </>
  );
}

/** The picture is of the own sandbox's making. */
export function PreviewWords({ preview, host }: { preview: LinkPreview; host: string | undefined }) {
  const picture = preview.picture ?? "";
  return (
    <>
      {picture !== "" && <img className="preview-picture" src={`data:image/jpeg;base64,${picture}`} alt="" />}
      <span className="preview-says">
        <bdi className="preview-title">{excerpt(preview.title, 140)}</bdi>
        {(preview.description ?? "") !== "" && <bdi className="preview-words">{excerpt(preview.description, 240)}</bdi>}
        {host !== undefined && <bdi className="preview-host">{oneLine(host, 120)}</bdi>}
      </span>
    </>
  );
}
