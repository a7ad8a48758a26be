// A message's text: styles as elements, addresses that lead nowhere until somebody looked at where they lead, piles of
// marks flattened, long texts folded. Nothing of a message ever becomes markup.
import { Fragment, useMemo, useState } from "react";
import type { Span } from "../api/types";
import { useWords } from "../i18n";
import { type Run, runs } from "../text/rich";
import { pieces, shownLength } from "../text/safe";
import { LinkDialog } from "./link_dialog";

export function Body({ text, spans }: { text: string; spans: Span[] | undefined }) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const [revealed, setRevealed] = useState<ReadonlySet<number>>(new Set());
  const [link, setLink] = useState<string | undefined>(undefined);
  const end = shownLength(text, all);
  const parts = useMemo(() => runs(text.slice(0, end), spans), [text, end, spans]);
  const emoji = end === text.length && text.length <= 24 && /^(\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u.test(text) && !/^[\d\s*#]+$/.test(text);
  return (
    <>
      <div className={emoji ? "body big" : "body"} dir="auto">
        {parts.map((run, index) => (
          <RunView key={index} run={run} revealed={revealed} onReveal={(spoiler) => setRevealed(new Set([...revealed, spoiler]))} onLink={setLink} />
        ))}
        {end < text.length && "…"}
      </div>
      {end < text.length && !all && (
        <button type="button" className="show-all" onClick={() => setAll(true)}>
          {t("message.show_all")}
        </button>
      )}
      {end < text.length && all && <p className="hint">{t("message.too_long")}</p>}
      {link !== undefined && <LinkDialog url={link} onClose={() => setLink(undefined)} />}
    </>
  );
}

function RunView({ run, revealed, onReveal, onLink }: { run: Run; revealed: ReadonlySet<number>; onReveal: (spoiler: number) => void; onLink: (url: string) => void }) {
  const { t } = useWords();
  const hidden = run.spoiler !== undefined && !revealed.has(run.spoiler);
  if (hidden) {
    return (
      <button type="button" className="spoiler" tabIndex={-1} aria-label={t("message.spoiler")} onClick={() => onReveal(run.spoiler ?? -1)}>
        <span aria-hidden="true">{run.text.replace(/\S/gu, "▒").slice(0, 80)}</span>
      </button>
    );
  }
  let inside = <Plain text={run.text} />;
  if (run.styles.has("MONOSPACE")) inside = <code>{inside}</code>;
  if (run.styles.has("BOLD")) inside = <strong>{inside}</strong>;
  if (run.styles.has("ITALIC")) inside = <em>{inside}</em>;
  if (run.styles.has("STRIKETHROUGH")) inside = <s>{inside}</s>;
  if (run.styles.has("MENTION")) inside = <span className="mention">{inside}</span>;
  if (run.url !== undefined) {
    const url = run.url;
    inside = (
      <button type="button" className="link" tabIndex={-1} title={t("link.look")} onClick={() => onLink(url)}>
        {inside}
      </button>
    );
  }
  return inside;
}

/** Words with direction controls shown as marks. */
function Plain({ text }: { text: string }) {
  const { t } = useWords();
  const parts = pieces(text);
  if (parts.length === 1 && parts[0]?.control === false) return <>{parts[0].text}</>;
  return (
    <>
      {parts.map((part, index) =>
        part.control ? (
          <abbr key={index} className="control" title={t("message.control")}>
            ⁞
          </abbr>
        ) : (
          <Fragment key={index}>{part.text}</Fragment>
        ),
      )}
    </>
  );
}
