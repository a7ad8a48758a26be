// The account, this device and this browser.
import { useEffect, useRef } from "react";
import { type Key, useWords } from "../i18n";
import { FamilyPage } from "../family/family";
import { Programs } from "../programs/programs";
import { go } from "../state/route";
import { IconButton } from "../ui/controls";
import { Icon, type IconName } from "../ui/icons";
import { About } from "./about";
import { Appearance } from "./appearance";
import { Checkup } from "./checkup";
import { DevicesSection } from "./devices";
import { Privacy } from "./privacy";
import { Profile } from "./profile";
import { RecoverySection } from "./recovery";

const kSections: readonly { id: string; icon: IconName; label: Key; page: () => React.ReactNode }[] = [
  { id: "profile", icon: "user", label: "settings.profile", page: Profile },
  { id: "checkup", icon: "shield_check", label: "settings.checkup", page: Checkup },
  { id: "devices", icon: "device", label: "settings.devices", page: DevicesSection },
  { id: "recovery", icon: "key", label: "settings.recovery", page: RecoverySection },
  { id: "privacy", icon: "lock", label: "settings.privacy", page: Privacy },
  { id: "family", icon: "family", label: "settings.family", page: FamilyPage },
  { id: "programs", icon: "apps", label: "settings.programs", page: Programs },
  { id: "appearance", icon: "smile", label: "settings.appearance", page: Appearance },
  { id: "about", icon: "info", label: "settings.about", page: About },
];

export function Settings({ section }: { section: string }) {
  const { t } = useWords();
  const nav = useRef<HTMLElement>(null);
  // Where there is little room the sections are one line, and the chosen one may be beyond its end.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [section]);
  const chosen = kSections.find((each) => each.id === section) ?? kSections[0];
  if (chosen === undefined) return null;
  const Page = chosen.page;
  return (
    <div className="settings">
      <header className="pane-header">
        <IconButton icon="back" label={t("back")} onClick={() => go({ page: "list" })} />
        <h2>{t("settings")}</h2>
      </header>
      <div className="settings-panes">
        <nav ref={nav} aria-label={t("settings")}>
          <ul>
            {kSections.map((each) => (
              <li key={each.id}>
                <a href={`#/settings/${each.id}`} aria-current={each.id === chosen.id ? "page" : undefined}>
                  <Icon name={each.icon} /> <span>{t(each.label)}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className="settings-page">
          <h2>{t(chosen.label)}</h2>
          <Page key={chosen.id} />
        </div>
      </div>
    </div>
  );
}
