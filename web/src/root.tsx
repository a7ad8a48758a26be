// Which of the screens is shown: pairing with the agent, the first run, the lock, or the messenger itself.
import { Component, type ReactNode, useEffect } from "react";
import { Shell } from "./shell";
import { AppProvider, useAppState } from "./state/context";
import type { App } from "./state/app";
import { useWords } from "./i18n";
import { Unpaired } from "./setup/unpaired";
import { CreateProfile, Unlock } from "./setup/profile";
import { ChooseAccount } from "./setup/account";
import { FirstRecoveryKey } from "./setup/recovery_key";
import { SetupFrame } from "./setup/frame";
import { Banner, Button, Spinner } from "./ui/controls";
import { Announcer, Toasts } from "./ui/toasts";

export function Root({ app }: { app: App | undefined }) {
  const { locale } = useWords();
  useEffect(() => {
    document.documentElement.lang = locale.slice(0, 2);
  }, [locale]);
  if (app === undefined) return <Unpaired />;
  return (
    <AppProvider value={app}>
      <Guard>
        <Screen />
      </Guard>
      <Toasts />
      <Announcer />
    </AppProvider>
  );
}

function Screen() {
  const { t } = useWords();
  const stage = useAppState((state) => state.stage);
  const failure = useAppState((state) => state.failure);
  const link = useAppState((state) => state.link);
  const justRegistered = useAppState((state) => state.justRegistered);
  if (stage === "connecting") {
    return (
      <SetupFrame title={t("connecting.title")}>
        {failure !== undefined ? <Banner tone="bad">{failure}</Banner> : <Spinner label={t("connecting.wait")} />}
        {link === "down" && <p className="hint">{t("connecting.down")}</p>}
      </SetupFrame>
    );
  }
  if (stage === "no_profile") return <CreateProfile />;
  if (stage === "locked") return <Unlock />;
  if (stage === "unregistered") return <ChooseAccount />;
  if (justRegistered) return <FirstRecoveryKey />;
  return <Shell />;
}

/** A defect of ours in one screen says so and offers to begin anew; messages are safe in the client. */
class Guard extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useWords();
  return (
    <SetupFrame title={t("broken.title")}>
      <p>{t("broken.words")}</p>
      <Button
        tone="main"
        onClick={() => {
          window.location.hash = "#/";
          window.location.reload();
        }}
      >
        {t("broken.again")}
      </Button>
    </SetupFrame>
  );
}
