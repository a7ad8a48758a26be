import { useWords } from "../i18n";
import { linkFacts } from "../text/link";
import { oneLine } from "../text/safe";
import { Banner, Button } from "../ui/controls";
import { Dialog } from "../ui/dialog";

/** Where an address really leads, before anything is opened. */
export function LinkDialog({ url, onClose }: { url: string; onClose: () => void }) {
  const { t } = useWords();
  const facts = linkFacts(url);
  return (
    <Dialog
      title={t("link.title")}
      onClose={onClose}
      actions={
        <>
          <Button icon="copy" onClick={() => void navigator.clipboard.writeText(url).then(onClose, onClose)}>
            {t("link.copy")}
          </Button>
          {facts !== undefined && (
            <a className="button main" href={url} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer" onClick={onClose}>
              <span>{t("link.open")}</span>
            </a>
          )}
        </>
      }
    >
      {facts === undefined ? (
        <Banner tone="bad">{t("link.broken")}</Banner>
      ) : (
        <>
          <p>{t("link.leads")}</p>
          <p className="link-host">
            <bdi>{facts.host}</bdi>
          </p>
          {facts.ascii !== undefined && (
            <p className="hint">
              {t("link.ascii")} <code>{facts.ascii}</code>
            </p>
          )}
          {facts.warnings.map((warning) => (
            <Banner key={warning} tone="warn">
              {t(`link.warn_${warning}`)}
            </Banner>
          ))}
          <p className="link-whole">
            <bdi>{oneLine(url, 600)}</bdi>
          </p>
        </>
      )}
    </Dialog>
  );
}
