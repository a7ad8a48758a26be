// Without the key: recovery contacts are asked for their shares, which bring the account back together.
import { useState } from "react";
import type { SharesRequest } from "../api/types";
import { useWords } from "../i18n";
import { Banner, Button } from "../ui/controls";
import { PassedText, TextToPass } from "../ui/passed_text";

/** Each share as it was given, whatever stands around it. */
export function sharesIn(text: string): string[] {
  return text.match(/-----BEGIN SOTTO RECOVERY SHARE-----[^]*?-----END SOTTO RECOVERY SHARE-----/g) ?? [];
}

export function AskContacts({ ready, ask, shares, onShares }: { ready: boolean; ask: () => Promise<SharesRequest | undefined>; shares: string; onShares: (text: string) => void }) {
  const { t, n } = useWords();
  const [request, setRequest] = useState<SharesRequest | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    setRequest(await ask());
    setBusy(false);
  };
  const count = sharesIn(shares).length;
  return (
    <>
      {request === undefined ? (
        <div className="buttons">
          <Button busy={busy} disabled={!ready} onClick={() => void make()}>
            {t("recover.ask")}
          </Button>
        </div>
      ) : (
        <>
          <p>{t("recover.pass_on")}</p>
          <TextToPass text={request.request ?? ""} label={t("recover.request")} file="recovery request.txt" />
          <Banner>
            {t("recover.fingerprint")} <span className="mono" data-testid="request-fingerprint">{request.fingerprint}</span>
          </Banner>
        </>
      )}
      <PassedText label={t("recover.shares")} hint={count === 0 ? t("recover.shares_hint") : n("recover.shares_read", count)} value={shares} multiple onChange={onShares} />
    </>
  );
}
