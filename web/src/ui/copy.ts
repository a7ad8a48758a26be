import { useWords } from "../i18n";
import { useApp } from "../state/context";

/** Puts a text where the browser pastes from, and tells whether it could. */
export function useCopy(): (text: string) => void {
  const app = useApp();
  const { t } = useWords();
  return (text) => {
    navigator.clipboard.writeText(text).then(
      () => app.toast(t("copied")),
      () => app.toast(t("copy_failed"), "bad"),
    );
  };
}
