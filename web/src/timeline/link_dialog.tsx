import type { MessageLink } from "../api/types";
import { useWords } from "../i18n";
import { addressFacts } from "../text/link";
import { oneLine } from "../text/safe";
import { Banner, Button } from "../ui/controls";
import { Dialog } from "../ui/dialog";

/** Where a link really leads, before anything is opened. `text`: as it stands in the message. */
export function LinkDialog({ link, text, onReveal, onClose }: { link: MessageLink; text: string; onReveal: () => void; onClose: () => void }) {
  const { t } = useWords();
  const inert = link.inert === true;
  const url = link.url ?? "";
  const facts = inert ? undefined : addressFacts(url);
  const host = link.host ?? "";
  return (
    <Dialog
      title={t(inert ? "link.inert_title" : "link.title")}
      onClose={onClose}
      actions={
        <>
          <Button icon="copy" onClick={() => void navigator.clipboard.writeText(inert ? text : url).then(onClose, onClose)}>
            {t("link.copy")}
          </Button>
          {inert && (
            <Button
              tone="main"
              onClick={() => {
                onReveal();
                onClose();
              }}
            >
              {t("link.reveal")}
            </Button>
          )}
          {facts !== undefined && (
            <a className="button main" href={url} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer" onClick={onClose}>
              <span>{t("link.open")}</span>
            </a>
          )}
        </>
      }
    >
      {!inert && facts === undefined && <Banner tone="bad">{t("link.broken")}</Banner>}
      <p>{t("link.leads")}</p>
      <p className="link-host">
        <bdi>{oneLine(host, 300)}</bdi>
      </p>
      {facts !== undefined && facts.ascii !== host && (
        <p className="hint">
          {t("link.ascii")} <code>{facts.ascii}</code>
        </p>
      )}
      {(link.warnings ?? []).map((warning) => (
        <Banner key={warning} tone="warn">
          <LinkWarning link={link} warning={warning} />
        </Banner>
      ))}
      {facts?.warnings.map((warning) => (
        <Banner key={warning} tone="warn">
          {t(`link.warn_${warning}`)}
        </Banner>
      ))}
      <p className="link-whole">
        <bdi>{oneLine(inert ? text : url, 600)}</bdi>
      </p>
    </Dialog>
  );
}

/** One of the record's warnings in words. */
export function LinkWarning({ link, warning }: { link: MessageLink; warning: NonNullable<MessageLink["warnings"]>[number] }) {
  const { t } = useWords();
  if (warning === "LOOKS_LIKE" && (link.resembles ?? "") !== "") return <>{t("link.warn_LOOKS_LIKE_this", { host: oneLine(link.resembles, 300) })}</>;
  return <>{t(warning === "WARNING_UNSPECIFIED" ? "link.warn_ODD_CHARACTERS" : `link.warn_${warning}`)}</>;
}
