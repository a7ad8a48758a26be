import type { ReactNode } from "react";
import { useWords } from "../i18n";
import { preferences, prefer } from "../state/preferences";
import { useStore } from "../state/store";

/** A quiet page with one thing to do. */
export function SetupFrame({
  title,
  lead,
  step,
  children,
}: {
  title: string;
  lead?: ReactNode;
  step?: { at: number; of: number };
  children: ReactNode;
}) {
  const { t } = useWords();
  const language = useStore(preferences, (each) => each.language);
  return (
    <main className="setup">
      <div className="setup-card">
        <img className="logo" src="/icon.svg" alt="" width="56" height="56" />
        {step !== undefined && (
          <ol className="steps" aria-label={t("setup.step", { at: step.at, of: step.of })}>
            {Array.from({ length: step.of }, (_, index) => (
              <li key={index} className={index + 1 === step.at ? "now" : index + 1 < step.at ? "done" : ""} />
            ))}
          </ol>
        )}
        <h1>{title}</h1>
        {lead !== undefined && <p className="lead">{lead}</p>}
        {children}
      </div>
      <footer className="setup-foot">
        <label>
          <span className="only-read">{t("settings.language")}</span>
          <select value={language} onChange={(event) => prefer({ language: event.target.value as typeof language })}>
            <option value="system">{t("settings.language_system")}</option>
            <option value="en">English</option>
            <option value="sv">Svenska</option>
          </select>
        </label>
      </footer>
    </main>
  );
}
