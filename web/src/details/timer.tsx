import { useWords } from "../i18n";
import { Choice } from "../ui/controls";

const kTimes = [0, 300, 3600, 28800, 86400, 604800, 2419200] as const;

export function TimerChoice({ value, onChange }: { value: number; onChange: (seconds: number) => void }) {
  const { t } = useWords();
  const all: number[] = (kTimes as readonly number[]).includes(value) ? [...kTimes] : [...kTimes, value].sort((a, b) => a - b);
  const name = (seconds: number): string => {
    switch (seconds) {
      case 0:
        return t("timer.off");
      case 300:
        return t("timer.5m");
      case 3600:
        return t("timer.1h");
      case 28800:
        return t("timer.8h");
      case 86400:
        return t("timer.1d");
      case 604800:
        return t("timer.1w");
      case 2419200:
        return t("timer.4w");
      default:
        return t("timer.seconds", { seconds });
    }
  };
  return <Choice label={t("timer.title")} value={String(value)} options={all.map((each) => ({ value: String(each), label: name(each) }))} onChange={(next) => onChange(Number(next))} />;
}
