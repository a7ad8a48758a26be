// A device without an account: make one, join one's own, or get one back.
import { type FormEvent, useState } from "react";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { describe } from "../transport/transport";
import { Banner, Button, Field } from "../ui/controls";
import { Icon, type IconName } from "../ui/icons";
import { SetupFrame } from "./frame";
import { LinkThisDevice } from "./link_device";
import { Recover } from "./recover";

type Way = "choose" | "create" | "link" | "recover";

export function ChooseAccount() {
  const { t } = useWords();
  const [way, setWay] = useState<Way>("choose");
  const back = (): void => setWay("choose");
  if (way === "create") return <CreateAccount onBack={back} />;
  if (way === "link") return <LinkThisDevice onBack={back} />;
  if (way === "recover") return <Recover onBack={back} />;
  const ways: { way: Way; icon: IconName; title: string; words: string }[] = [
    { way: "create", icon: "user", title: t("account.create"), words: t("account.create_words") },
    { way: "link", icon: "device", title: t("account.link"), words: t("account.link_words") },
    { way: "recover", icon: "key", title: t("account.recover"), words: t("account.recover_words") },
  ];
  return (
    <SetupFrame title={t("account.title")} lead={t("account.lead")} step={{ at: 2, of: 3 }}>
      <div className="ways">
        {ways.map((each) => (
          <button key={each.way} type="button" className="way" onClick={() => setWay(each.way)}>
            <Icon name={each.icon} size={26} />
            <span>
              <strong>{each.title}</strong>
              <span>{each.words}</span>
            </span>
            <Icon name="chevron" />
          </button>
        ))}
      </div>
    </SetupFrame>
  );
}

export interface ServerChoice {
  server: string;
  pin: string;
  invite: string;
}

export function ServerFields({ value, onChange, invite }: { value: ServerChoice; onChange: (value: ServerChoice) => void; invite: boolean }) {
  const { t } = useWords();
  return (
    <>
      <Field label={t("server.address")} name="server" value={value.server} placeholder="chat.example.org:7443" required autoCapitalize="none" onChange={(event) => onChange({ ...value, server: event.target.value.trim() })} hint={t("server.hint")} />
      <details className="more-fields">
        <summary>{t("server.more")}</summary>
        {invite && <Field label={t("server.invite")} name="invite" value={value.invite} onChange={(event) => onChange({ ...value, invite: event.target.value.trim() })} hint={t("server.invite_hint")} />}
        <Field label={t("server.pin")} name="pin" value={value.pin} onChange={(event) => onChange({ ...value, pin: event.target.value.trim() })} hint={t("server.pin_hint")} />
      </details>
    </>
  );
}

/** Port 7443 where none is named, as `sottod` listens. */
export function withPort(server: string): string {
  return /:\d+$/.test(server) ? server : `${server}:7443`;
}

export function defaultDeviceName(): string {
  const platform = /Android|iPhone|iPad|Macintosh|Windows|Linux/.exec(navigator.userAgent)?.[0] ?? "";
  return { Macintosh: "Mac", Windows: "Windows PC", Linux: "Linux PC" }[platform] ?? (platform || "Computer");
}

function CreateAccount({ onBack }: { onBack: () => void }) {
  const { t } = useWords();
  const app = useApp();
  const problem = useAppState((state) => state.problems.find((each) => each.code === "REGISTRATION_REFUSED"));
  const [server, setServer] = useState<ServerChoice>({ server: "", pin: "", invite: "" });
  const [username, setUsername] = useState("");
  const [device, setDevice] = useState(defaultDeviceName);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);

  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await app.call("account.register", {
        username,
        server: withPort(server.server),
        device_name: device,
        ...(server.pin !== "" && { pin: server.pin }),
        ...(server.invite !== "" && { invite: server.invite }),
      });
      app.state.patch({ justRegistered: true });
      await app.refreshProfile();
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };

  return (
    <SetupFrame title={t("account.create")} lead={t("account.create_lead")} step={{ at: 2, of: 3 }}>
      <form onSubmit={(event) => void create(event)}>
        <ServerFields value={server} onChange={setServer} invite />
        <Field label={t("account.username")} name="username" autoCapitalize="none" required value={username} onChange={(event) => setUsername(event.target.value.trim().toLowerCase())} hint={t("account.username_hint")} />
        <Field label={t("device.name")} name="device" value={device} onChange={(event) => setDevice(event.target.value)} hint={t("device.name_hint")} />
        {error !== undefined && <Banner tone="bad">{error}</Banner>}
        {error === undefined && problem?.detail !== undefined && <Banner tone="bad">{problem.detail}</Banner>}
        <div className="buttons">
          <Button onClick={onBack}>{t("back")}</Button>
          <Button type="submit" tone="main" busy={busy} disabled={username === "" || server.server === ""}>
            {t("account.create_action")}
          </Button>
        </div>
      </form>
    </SetupFrame>
  );
}
