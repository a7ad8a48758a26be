import { useApp, useAppState } from "../state/context";
import { useWords } from "../i18n";
import { IconButton } from "./controls";
import { Icon } from "./icons";

export function Toasts() {
  const app = useApp();
  const { t } = useWords();
  const toasts = useAppState((state) => state.toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast ${toast.tone}`}>
          <Icon name={toast.tone === "bad" ? "warning" : toast.tone === "good" ? "check" : "info"} />
          <span>{toast.text}</span>
          <IconButton icon="close" size={16} label={t("close")} onClick={() => app.dropToast(toast.id)} />
        </div>
      ))}
    </div>
  );
}

/** Tells screen readers what came, without moving anything. */
export function Announcer() {
  const announcement = useAppState((state) => state.announcement);
  return (
    <div className="only-read" role="log" aria-live="polite" aria-atomic="true">
      <span key={announcement.number}>{announcement.text}</span>
    </div>
  );
}
