import { type FormEvent, useState } from "react";
import type { SharesRequest } from "../api/types";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { describe } from "../transport/transport";
import { Banner, Button, Field, Switch } from "../ui/controls";
import { type ServerChoice, ServerFields, defaultDeviceName, withPort } from "./account";
import { SetupFrame } from "./frame";
import { AskContacts, sharesIn } from "./recover_contacts";

/** Gets an account back with the key on paper, or with what recovery contacts give. */
export function Recover({ onBack }: { onBack: () => void }) {
  const { t } = useWords();
  const app = useApp();
  const progress = useAppState((state) => state.recovering);
  const [server, setServer] = useState<ServerChoice>({ server: "", pin: "", invite: "" });
  const [handle, setHandle] = useState("");
  const [way, setWay] = useState<"key" | "contacts">("key");
  const [key, setKey] = useState("");
  const [shares, setShares] = useState("");
  const [device, setDevice] = useState(defaultDeviceName);
  const [keepDevices, setKeepDevices] = useState(false);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const whose = () => ({ server: withPort(server.server), handle, device_name: device, ...(server.pin !== "" && { pin: server.pin }) });

  const recover = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await app.call("recovery.recover", { ...whose(), keep_devices: keepDevices, ...(way === "key" ? { key } : { shares: sharesIn(shares) }) });
      await app.refreshProfile();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };

  const ask = async (): Promise<SharesRequest | undefined> => {
    setError(undefined);
    try {
      return await app.call("recovery.ask_for_shares", whose());
    } catch (failure) {
      setError(describe(failure));
      return undefined;
    }
  };

  const named = server.server !== "" && handle !== "";
  return (
    <SetupFrame title={t("account.recover")} lead={t(way === "key" ? "recover.lead" : "recover.contacts_lead")} step={{ at: 2, of: 3 }}>
      <div className="tabs" role="tablist" aria-label={t("account.recover")}>
        {(["key", "contacts"] as const).map((each) => (
          <button key={each} type="button" role="tab" aria-selected={way === each} onClick={() => setWay(each)}>
            {t(`recover.by_${each}`)}
          </button>
        ))}
      </div>
      <form onSubmit={(event) => void recover(event)}>
        <ServerFields value={server} onChange={setServer} invite={false} />
        <Field label={t("account.username")} name="handle" autoCapitalize="none" value={handle} onChange={(event) => setHandle(event.target.value.trim())} />
        <Field label={t("device.name")} name="device" value={device} onChange={(event) => setDevice(event.target.value)} />
        {way === "key" ? (
          <Field label={t("recover.key")} name="key" className="mono" autoCapitalize="characters" value={key} onChange={(event) => setKey(event.target.value)} hint={t("recover.key_hint")} />
        ) : (
          <AskContacts ready={named} ask={ask} shares={shares} onShares={setShares} />
        )}
        <Switch label={t("recover.keep")} hint={t("recover.keep_hint")} checked={keepDevices} onChange={setKeepDevices} />
        {error !== undefined && <Banner tone="bad">{error}</Banner>}
        {busy && progress?.detail !== undefined && <Banner>{progress.detail}</Banner>}
        <div className="buttons">
          <Button onClick={onBack}>{t("back")}</Button>
          <Button type="submit" tone="main" busy={busy} disabled={!named || (way === "key" ? key === "" : sharesIn(shares).length === 0)}>
            {t("recover.action")}
          </Button>
        </div>
      </form>
    </SetupFrame>
  );
}
