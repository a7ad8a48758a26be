// What the page behind an address in the text is about, asked from this device when the user says so for this message
// (docs/specs/content.md 9). Until then nothing is asked, and nobody but the sender ever asks.
import { useEffect, useRef, useState } from "react";
import type { LinkPreview } from "../api/types";
import { useWords } from "../i18n";
import type { App } from "../state/app";
import { addressFacts, firstAddress } from "../text/link";
import { excerpt } from "../text/safe";
import { PreviewWords } from "../timeline/preview";
import { CallError, describe } from "../transport/transport";
import { Button, IconButton } from "../ui/controls";
import { Icon } from "../ui/icons";

type Asked = { url: string } & ({ step: "asking" } | { step: "failed"; why: string; isPrivate: boolean } | { step: "made"; preview: LinkPreview } | { step: "unwanted" });

export interface Previewing {
  /** The address in the text; undefined: there is none. */
  url: string | undefined;
  /** About that address. */
  asked: Asked | undefined;
  /** To go with the message. */
  preview: LinkPreview | undefined;
  ask: (isPrivate: boolean) => void;
  drop: () => void;
}

export function usePreview(app: App, text: string): Previewing {
  const url = firstAddress(text);
  const [last, setLast] = useState<Asked | undefined>(undefined);
  const newest = useRef("");
  useEffect(
    () => () => {
      newest.current = "";
    },
    [],
  );
  const asked = last?.url === url ? last : undefined;
  const ask = (isPrivate: boolean): void => {
    if (url === undefined) return;
    newest.current = url;
    setLast({ url, step: "asking" });
    const take = (next: Asked): void => {
      // Another address stands there by now, or nobody waits any more.
      if (newest.current === url) setLast(next);
    };
    app.call("messages.preview", { url, private_addresses: isPrivate }).then(
      (preview) => take({ url, step: "made", preview }),
      (error: unknown) => take({ url, step: "failed", why: describe(error), isPrivate: error instanceof CallError && error.code === "refused" }),
    );
  };
  const drop = (): void => {
    newest.current = "";
    if (url !== undefined) setLast({ url, step: "unwanted" });
  };
  return { url, asked, preview: asked?.step === "made" ? asked.preview : undefined, ask, drop };
}

export function PreviewOffer({ previewing: { url, asked, ask, drop } }: { previewing: Previewing }) {
  const { t } = useWords();
  if (url === undefined || asked?.step === "unwanted") return null;
  const host = addressFacts(url)?.ascii ?? url;
  if (asked === undefined) {
    return (
      <div className="composer-preview">
        <Button tone="quiet" className="small" icon="link" title={t("preview.words")} onClick={() => ask(false)}>
          {t("preview.offer", { host: excerpt(host, 60) })}
        </Button>
        <IconButton icon="close" size={15} label={t("preview.without")} onClick={drop} />
      </div>
    );
  }
  return (
    <div className="composer-preview shown">
      {asked.step === "asking" && (
        <p role="status">
          <span className="spinner small" aria-hidden="true" /> {t("preview.asking", { host: excerpt(host, 60) })}
        </p>
      )}
      {asked.step === "failed" && (
        <p role="alert">
          <Icon name="warning" size={16} /> {asked.why}
          {asked.isPrivate && (
            <Button className="small" onClick={() => ask(true)}>
              {t("preview.private")}
            </Button>
          )}
        </p>
      )}
      {asked.step === "made" && (
        <div className="preview" role="status">
          <PreviewWords preview={asked.preview} host={host} />
        </div>
      )}
      <IconButton icon="close" size={15} label={t("preview.without")} onClick={drop} />
    </div>
  );
}
