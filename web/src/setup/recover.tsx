import { type FormEvent, useState } from "react";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { describe } from "../transport/transport";
import { Banner, Button, Field, Switch } from "../ui/controls";
import { type ServerChoice, ServerFields, defaultDeviceName, withPort } from "./account";
import { SetupFrame } from "./frame";

/** Gets an account back with the key on paper. */
export function Recover({ onBack }: { onBack: () => void }) {
  const { t } = useWords();
  const app = useApp();
  const progress = useAppState((state) => state.recovering);
  const [server, setServer] = useState<ServerChoice>({ server: "", pin: "", invite: "" });
  const [handle, setHandle] = useState("");
  const [key, setKey] = useState("");
  const [device, setDevice] = useState(defaultDeviceName);
  const [keepDevices, setKeepDevices] = useState(false);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const recover = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await app.call("recovery.recover", {
        server: withPort(server.server),
        handle,
        key,
        device_name: device,
        keep_devices: keepDevices,
        ...(server.pin !== "" && { pin: server.pin }),
      });
      await app.refreshProfile();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };

  return (
    <SetupFrame title={t("account.recover")} lead={t("recover.lead")} step={{ at: 2, of: 3 }}>
      <form onSubmit={(event) => void recover(event)}>
        <ServerFields value={server} onChange={setServer} invite={false} />
        <Field label={t("account.username")} name="handle" autoCapitalize="none" value={handle} onChange={(event) => setHandle(event.target.value.trim())} />
        <Field label={t("recover.key")} name="key" className="mono" autoCapitalize="characters" value={key} onChange={(event) => setKey(event.target.value)} hint={t("recover.key_hint")} />
        <Field label={t("device.name")} name="device" value={device} onChange={(event) => setDevice(event.target.value)} />
        <Switch label={t("recover.keep")} hint={t("recover.keep_hint")} checked={keepDevices} onChange={setKeepDevices} />
        {error !== undefined && <Banner tone="bad">{error}</Banner>}
        {busy && progress?.detail !== undefined && <Banner>{progress.detail}</Banner>}
        <div className="buttons">
          <Button onClick={onBack}>{t("back")}</Button>
          <Button type="submit" tone="main" busy={busy} disabled={server.server === "" || handle === "" || key === ""}>
            {t("recover.action")}
          </Button>
        </div>
      </form>
    </SetupFrame>
  );
}
