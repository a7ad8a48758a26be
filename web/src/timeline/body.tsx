// A message's text: styles as elements, links that lead nowhere until somebody looked at where they lead, piles of
// marks flattened, long texts folded. Nothing of a message ever becomes markup.
import { Fragment, useMemo, useState } from "react";
import type { MessageLink, Span } from "../api/types";
import { useWords } from "../i18n";
import { linkText, type Run, runs } from "../text/rich";
import { oneLine, pieces, shownLength } from "../text/safe";
import { Icon } from "../ui/icons";
import { LinkDialog, LinkWarning } from "./link_dialog";

/** Hosts that are told below a text; a body has more only to bury one among them, and each says it when it is chosen. */
const kHostsTold = 5;

const kNoLinks: readonly MessageLink[] = [];

export function Body({
  text,
  spans,
  links = kNoLinks,
  onRevealLinks,
}: {
  text: string;
  spans: Span[] | undefined;
  links?: readonly MessageLink[] | undefined;
  onRevealLinks?: () => void;
}) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const [revealed, setRevealed] = useState<ReadonlySet<number>>(new Set());
  const [link, setLink] = useState<MessageLink | undefined>(undefined);
  const end = shownLength(text, all);
  const parts = useMemo(() => runs(text.slice(0, end), spans, links), [text, end, spans, links]);
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
      <InertLinks links={links} onReveal={onRevealLinks} />
      {link !== undefined && <LinkDialog link={link} text={linkText(text, link)} onReveal={() => onRevealLinks?.()} onClose={() => setLink(undefined)} />}
    </>
  );
}

/** Where the links of a message lead, and what speaks against it, before any of them can be followed. */
function InertLinks({ links, onReveal }: { links: readonly MessageLink[]; onReveal: (() => void) | undefined }) {
  const { t, n } = useWords();
  const inert = links.filter((link) => link.inert === true);
  if (inert.length === 0) return null;
  const hosts = [...new Map(inert.map((link) => [link.host, link])).values()];
  // What is suspicious is not pushed out of sight by what is not.
  const told = hosts.sort((a, b) => (b.warnings ?? []).length - (a.warnings ?? []).length).slice(0, kHostsTold);
  return (
    <div className="inert-links">
      <ul>
        {told.map((link) => (
          <li key={link.host}>
            <Icon name={(link.warnings ?? []).length > 0 ? "warning" : "link"} size={14} />
            <span>
              {t("link.inert_leads", { host: oneLine(link.host, 120) })}
              {(link.warnings ?? []).map((warning) => (
                <span key={warning} className="link-warning">
                  {" "}
                  <LinkWarning link={link} warning={warning} />
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
      {hosts.length > kHostsTold && <p>{n("link.more_hosts", hosts.length - kHostsTold)}</p>}
      {onReveal !== undefined && (
        <button type="button" className="reveal" tabIndex={-1} onClick={onReveal}>
          {t("link.reveal")}
        </button>
      )}
    </div>
  );
}

function RunView({ run, revealed, onReveal, onLink }: { run: Run; revealed: ReadonlySet<number>; onReveal: (spoiler: number) => void; onLink: (link: MessageLink) => void }) {
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
  if (run.link !== undefined) {
    const link = run.link;
    inside = (
      <button type="button" className={link.inert === true ? "link inert" : "link"} tabIndex={-1} title={t("link.look")} onClick={() => onLink(link)}>
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
