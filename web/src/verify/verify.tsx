// Making sure that a contact's key is theirs: by a QR code, shown and scanned, or by twelve digits read to each other.
import { useCallback, useEffect, useState } from "react";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { grouped } from "../text/format";
import { describe } from "../transport/transport";
import { Banner, Button, Spinner } from "../ui/controls";
import { Dialog } from "../ui/dialog";
import { QrCode, QrReader } from "../ui/qr";

export function Verify({ contact, name, changed = false, onClose }: { contact: string; name: string; changed?: boolean; onClose: () => void }) {
  const app = useApp();
  const { t } = useWords();
  const [way, setWay] = useState<"show" | "scan" | "digits">("show");
  const [qr, setQr] = useState<string | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const [done, setDone] = useState(false);
  // The other side's beginning is told, too, and is not ours.
  const [begun, setBegun] = useState(false);
  const progress = useAppState((state) => state.verifications.get(contact));

  useEffect(() => {
    if (way !== "show" || qr !== undefined) return;
    app.call("contacts.show_qr", { contact }).then(
      (shown) => setQr(shown.qr),
      (error: unknown) => setFailure(describe(error)),
    );
  }, [app, contact, way, qr]);

  useEffect(() => {
    if (progress?.stage === "VERIFIED") setDone(true);
    if (progress?.stage === "FAILED") {
      setBegun(false);
      setFailure(progress.failure || t("verify.failed"));
    }
  }, [progress, t]);

  const close = (): void => {
    app.clearVerification(contact);
    onClose();
  };

  const scanned = useCallback(
    (text: string) => {
      setFailure(undefined);
      app.call("contacts.verify_by_qr", { contact, scanned: text }).then(
        (result) => {
          if (result.stage === "VERIFIED") setDone(true);
          else setFailure(result.failure ?? t("verify.failed"));
        },
        (error: unknown) => setFailure(describe(error)),
      );
    },
    [app, contact, t],
  );

  const begin = async (): Promise<void> => {
    setFailure(undefined);
    setBegun(true);
    try {
      const progress = await app.call("contacts.start_digits", { contact });
      if (app.state.get().verifications.get(contact)?.stage !== "COMPARE") app.setVerification(contact, progress);
    } catch (error) {
      setBegun(false);
      setFailure(describe(error));
    }
  };

  const answer = async (same: boolean): Promise<void> => {
    try {
      const result = await app.call("contacts.answer_digits", { contact, same });
      app.setVerification(contact, result);
      if (!same) setFailure(t("verify.differ"));
    } catch (error) {
      setFailure(describe(error));
    }
  };

  if (done) {
    return (
      <Dialog title={t("verify.title", { name })} onClose={close} actions={<Button tone="main" onClick={close}>{t("done")}</Button>}>
        <Banner tone="good" icon="shield_check">
          {t("verify.done", { name })}
        </Banner>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("verify.title", { name })} onClose={close}>
      <p>{t("verify.why")}</p>
      <div className="tabs" role="tablist" aria-label={t("verify.action")}>
        {(["show", "scan", "digits"] as const).map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            aria-selected={way === each}
            disabled={changed && each === "digits"}
            onClick={() => {
              setWay(each);
              setFailure(undefined);
            }}
          >
            {t(`verify.${each}`)}
          </button>
        ))}
      </div>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      {way === "show" && (
        <div className="verify-show">
          <p>{t("verify.show_words", { name })}</p>
          {qr !== undefined ? (
            <>
              <QrCode text={qr} label={t("verify.qr_label")} />
              <details>
                <summary>{t("qr.as_text")}</summary>
                <code tabIndex={0} className="qr-text" data-testid="qr-text">
                  {qr}
                </code>
              </details>
            </>
          ) : (
            failure === undefined && <Spinner label={t("verify.making")} />
          )}
        </div>
      )}
      {way === "scan" && (
        <>
          <p>{t("verify.scan_words", { name })}</p>
          <QrReader prefix="SOTTO:VERIFY/1/" onText={scanned} />
        </>
      )}
      {way === "digits" && (
        <div className="verify-digits">
          <p>{t("verify.digits_words", { name })}</p>
          {begun && progress?.stage === "COMPARE" ? (
            <>
              <p className="digits" data-testid="digits">
                {grouped((progress.digits ?? "").replace(/\D/g, ""), 4)}
              </p>
              <p>{t("verify.same_question", { name })}</p>
              <div className="buttons">
                <Button tone="main" onClick={() => void answer(true)}>
                  {t("verify.same")}
                </Button>
                <Button tone="danger" onClick={() => void answer(false)}>
                  {t("verify.not_same")}
                </Button>
              </div>
            </>
          ) : begun && progress?.stage !== "FAILED" ? (
            <Spinner label={t("verify.waiting", { name })} />
          ) : (
            <Button tone="main" onClick={() => void begin()}>
              {t("verify.begin")}
            </Button>
          )}
        </div>
      )}
    </Dialog>
  );
}
