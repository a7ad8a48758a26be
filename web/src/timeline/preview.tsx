import { useState } from "react";
import type { LinkPreview } from "../api/types";
import { useWords } from "../i18n";
import { linkFacts } from "../text/link";
import { excerpt } from "../text/safe";
import { LinkDialog } from "./link_dialog";

/** What the sender says a page holds; the page is not fetched. */
export function Preview({ preview }: { preview: LinkPreview }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const url = preview.url ?? "";
  return (
    <>
      <button type="button" className="preview" tabIndex={-1} title={t("link.look")} onClick={() => setOpen(true)}>
        <bdi className="preview-title">{excerpt(preview.title, 140)}</bdi>
        {(preview.description ?? "") !== "" && <bdi className="preview-words">{excerpt(preview.description, 240)}</bdi>}
        <bdi className="preview-host">{linkFacts(url)?.host ?? excerpt(url, 60)}</bdi>
      </button>
      {open && <LinkDialog url={url} onClose={() => setOpen(false)} />}
    </>
  );
}
