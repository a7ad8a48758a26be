// The account's devices: which there are, a new one by code or QR code, one that is not wanted any more.
import { useEffect, useState } from "react";
import type { Device } from "../api/types";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { dateAndTime, grouped, num } from "../text/format";
import { oneLine } from "../text/safe";
import { describe } from "../transport/transport";
import { Banner, Button, Field, IconButton, Section, Spinner } from "../ui/controls";
import { Confirm, Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { QrCode } from "../ui/qr";
import { useCall } from "./use_call";

export function DevicesSection() {
  const app = useApp();
  const { t, locale } = useWords();
  const changed = useAppState((state) => state.devicesChanged);
  const [list, setList, failure] = useCall("devices.list", changed);
  const [renaming, setRenaming] = useState<Device | undefined>(undefined);
  const [removing, setRemoving] = useState<Device | undefined>(undefined);
  const [linking, setLinking] = useState(false);
  const [name, setName] = useState("");
  const called = (device: Device): string => oneLine(device.name) || grouped((device.device ?? "").slice(0, 8), 4);
  return (
    <>
      <Section title={t("devices.title")} hint={t("devices.words")}>
        {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
        {list === undefined && failure === undefined && <Spinner label={t("connecting.wait")} />}
        <ul className="plain-list">
          {(list?.devices ?? []).map((device) => (
            <li key={device.device}>
              <Icon name="device" size={24} />
              <span className="member-words">
                <bdi>{called(device)}</bdi>
                <span className="hint">
                  {device.this_device === true ? t("devices.this") : t("devices.added", { time: dateAndTime(num(device.added_ms), locale) })} · {grouped((device.fingerprint ?? "").slice(0, 16), 4)}
                </span>
              </span>
              <IconButton
                icon="edit"
                label={t("devices.rename", { name: called(device) })}
                onClick={() => {
                  setRenaming(device);
                  setName(device.name ?? "");
                }}
              />
              {device.this_device !== true && <IconButton icon="trash" label={t("devices.remove", { name: called(device) })} onClick={() => setRemoving(device)} />}
            </li>
          ))}
        </ul>
        <Button tone="main" icon="plus" onClick={() => setLinking(true)}>
          {t("devices.link")}
        </Button>
      </Section>
      {linking && <OfferLink onClose={() => setLinking(false)} />}
      {renaming !== undefined && (
        <Dialog title={t("devices.rename", { name: called(renaming) })} onClose={() => setRenaming(undefined)}>
          <form
            onSubmit={async (event) => {
              event.preventDefault();
              const next = await app.attempt("devices.rename", { device: renaming.device ?? "", name: name.trim() });
              if (next !== undefined) setList(next);
              setRenaming(undefined);
            }}
          >
            <Field label={t("device.name")} name="device-name" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
            <div className="buttons end">
              <Button onClick={() => setRenaming(undefined)}>{t("cancel")}</Button>
              <Button type="submit" tone="main" disabled={name.trim() === ""}>
                {t("save")}
              </Button>
            </div>
          </form>
        </Dialog>
      )}
      {removing !== undefined && (
        <Confirm
          title={t("devices.remove", { name: called(removing) })}
          action={t("remove")}
          danger
          onClose={() => setRemoving(undefined)}
          onConfirm={async () => {
            const next = await app.attempt("devices.remove", { device: removing.device ?? "" });
            if (next !== undefined) setList(next);
          }}
        >
          <p>{t("devices.remove_words")}</p>
        </Confirm>
      )}
    </>
  );
}

function OfferLink({ onClose }: { onClose: () => void }) {
  const app = useApp();
  const { t, locale } = useWords();
  const progress = useAppState((state) => state.linking);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const [waiting, setWaiting] = useState(false);

  const offer = async (qr: boolean): Promise<void> => {
    setFailure(undefined);
    setWaiting(true);
    app.clearLinking();
    try {
      const begun = await app.call("devices.offer_link", { qr });
      app.state.patch({ linking: app.state.get().linking ?? begun });
    } catch (error) {
      setFailure(describe(error));
    }
    setWaiting(false);
  };
  useEffect(() => () => app.clearLinking(), [app]);
  const close = (): void => {
    if (progress?.stage === "OFFERED" || progress?.stage === "JOINED") app.call("devices.withdraw_link", {}).catch(() => undefined);
    onClose();
  };

  const stage = progress?.stage;
  return (
    <Dialog title={t("devices.link")} onClose={close}>
      {failure !== undefined && <Banner tone="bad">{failure}</Banner>}
      {stage === undefined && !waiting && (
        <>
          <p>{t("offer.words")}</p>
          <div className="buttons">
            <Button tone="main" onClick={() => void offer(false)}>
              {t("offer.code")}
            </Button>
            <Button icon="qr" onClick={() => void offer(true)}>
              {t("offer.qr")}
            </Button>
          </div>
          <p className="hint">{t("offer.password_first")}</p>
        </>
      )}
      {waiting && <Spinner label={t("connecting.wait")} />}
      {stage === "OFFERED" && (progress?.qr ?? "") !== "" && (
        <div className="verify-show">
          <QrCode text={progress?.qr ?? ""} label={t("offer.qr_label")} />
          <p>{t("offer.qr_words")}</p>
          <details>
            <summary>{t("qr.as_text")}</summary>
            <code tabIndex={0} className="qr-text" data-testid="qr-text">
              {progress?.qr}
            </code>
          </details>
        </div>
      )}
      {stage === "OFFERED" && (progress?.qr ?? "") === "" && (
        <>
          <p className="digits" data-testid="link-code">
            {grouped(progress?.code ?? "", 3)}
          </p>
          <p>{t("offer.code_words")}</p>
        </>
      )}
      {stage === "OFFERED" && num(progress?.until_ms) > 0 && <p className="hint">{t("offer.until", { time: dateAndTime(num(progress?.until_ms), locale) })}</p>}
      {stage === "JOINED" && <Spinner label={t("offer.joined", { address: progress?.address ?? "" })} />}
      {stage === "CONFIRMED" && <Spinner label={t("offer.confirmed", { name: oneLine(progress?.name) })} />}
      {stage === "LINKED" && (
        <Banner tone="good">{t("offer.linked", { name: oneLine(progress?.name) })}</Banner>
      )}
      {(stage === "FAILED" || stage === "PAUSED") && (
        <>
          <Banner tone="bad">{progress?.failure || t("link.failed")}</Banner>
          {stage === "PAUSED" && <p className="hint">{t("offer.paused", { time: dateAndTime(num(progress?.until_ms), locale) })}</p>}
        </>
      )}
    </Dialog>
  );
}
