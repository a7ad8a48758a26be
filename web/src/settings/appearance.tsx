import { useWords } from "../i18n";
import { prefer, preferences } from "../state/preferences";
import { useStore } from "../state/store";
import { Choice, Section, Switch } from "../ui/controls";

export function Appearance() {
  const { t } = useWords();
  const chosen = useStore(preferences, (each) => each);
  return (
    <>
      <Section title={t("appearance.look")}>
        <Choice
          label={t("appearance.theme")}
          value={chosen.theme}
          options={[
            { value: "system", label: t("appearance.system") },
            { value: "light", label: t("appearance.light") },
            { value: "dark", label: t("appearance.dark") },
          ]}
          onChange={(theme) => prefer({ theme })}
        />
        <Choice
          label={t("settings.language")}
          value={chosen.language}
          options={[
            { value: "system", label: t("settings.language_system") },
            { value: "en", label: "English" },
            { value: "sv", label: "Svenska" },
          ]}
          onChange={(language) => prefer({ language })}
        />
      </Section>
      <Section title={t("appearance.writing")}>
        <Switch label={t("appearance.enter")} hint={t("appearance.enter_hint")} checked={chosen.enterSends} onChange={(enterSends) => prefer({ enterSends })} />
        <Switch label={t("appearance.markup")} hint={t("appearance.markup_hint")} checked={chosen.markup} onChange={(markup) => prefer({ markup })} />
      </Section>
    </>
  );
}
