// The new device's side of linking: by code and password, or by the QR code that another device shows.
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { describe } from "../transport/transport";
import { Banner, Button, Field, Spinner } from "../ui/controls";
import { QrReader } from "../ui/qr";
import { type ServerChoice, ServerFields, defaultDeviceName, withPort } from "./account";
import { SetupFrame } from "./frame";

export function LinkThisDevice({ onBack }: { onBack: () => void }) {
  const { t } = useWords();
  const app = useApp();
  const linking = useAppState((state) => state.linking);
  const [way, setWay] = useState<"code" | "qr">("code");
  const [server, setServer] = useState<ServerChoice>({ server: "", pin: "", invite: "" });
  const [handle, setHandle] = useState("");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [device, setDevice] = useState(defaultDeviceName);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (linking?.stage === "LINKED") {
      app.clearLinking();
      void app.refreshProfile();
    } else if (linking?.stage === "FAILED" || linking?.stage === "PAUSED") {
      setError(linking.failure ?? t("link.failed"));
      setBusy(false);
    }
  }, [linking, app, t]);

  const begin = async (how: { code?: string; password?: string; handle?: string; qr?: string }): Promise<void> => {
    setBusy(true);
    setError(undefined);
    app.clearLinking();
    try {
      const progress = await app.call("devices.link", {
        server: withPort(server.server),
        device_name: device,
        ...(server.pin !== "" && { pin: server.pin }),
        ...how,
      });
      app.state.patch({ linking: progress });
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };

  const byQr = useCallback(
    (qr: string) => {
      void begin({ qr });
    },
    [server, device],
  );

  if (busy) {
    const stage = linking?.stage;
    const words = stage === "SIGNED_IN" ? t("link.signed_in") : stage === "CONFIRMED" ? t("link.confirmed") : t("link.waiting");
    return (
      <SetupFrame title={t("account.link")} step={{ at: 2, of: 3 }}>
        <Spinner label={words} />
      </SetupFrame>
    );
  }
  return (
    <SetupFrame title={t("account.link")} lead={t("link.lead")} step={{ at: 2, of: 3 }}>
      <div className="tabs" role="tablist" aria-label={t("account.link")}>
        {(["code", "qr"] as const).map((each) => (
          <button key={each} type="button" role="tab" aria-selected={way === each} onClick={() => setWay(each)}>
            {t(each === "code" ? "link.by_code" : "link.by_qr")}
          </button>
        ))}
      </div>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (way === "code") void begin({ handle, code: code.replace(/\D/g, ""), password });
        }}
      >
        <ServerFields value={server} onChange={setServer} invite={false} />
        <Field label={t("device.name")} name="device" value={device} onChange={(event) => setDevice(event.target.value)} hint={t("device.name_hint")} />
        {way === "code" && (
          <>
            <Field label={t("account.username")} name="handle" autoCapitalize="none" value={handle} onChange={(event) => setHandle(event.target.value.trim())} />
            <Field label={t("link.password")} name="password" type="password" value={password} onChange={(event) => setPassword(event.target.value)} hint={t("link.password_hint")} />
            <Field label={t("link.code")} name="code" inputMode="numeric" value={code} onChange={(event) => setCode(event.target.value)} hint={t("link.code_hint")} />
          </>
        )}
        {error !== undefined && <Banner tone="bad">{error}</Banner>}
        <div className="buttons">
          <Button onClick={onBack}>{t("back")}</Button>
          {way === "code" && (
            <Button type="submit" tone="main" disabled={server.server === "" || handle === "" || code === "" || password === ""}>
              {t("link.action")}
            </Button>
          )}
        </div>
      </form>
      {way === "qr" && (server.server === "" ? <p className="hint">{t("link.server_first")}</p> : <QrReader prefix="SOTTO:LINK/1/" onText={byQr} />)}
    </SetupFrame>
  );
}
