// Hours of the week, a line for each run of days: which days, from when until when.
import { useWords } from "../i18n";
import { Button, IconButton } from "../ui/controls";
import { dayNamed, type Hours } from "./hours";

/** Lines; a policy has at most 56 windows, one a day and line (docs/specs/families.md 2). */
const kMostLines = 8;
const kAfternoons: Hours = { first: 0, last: 4, from: "15:00", until: "20:00" };
const kWeekend: Hours = { first: 5, last: 6, from: "09:00", until: "21:00" };

export function HoursEditor({ value, onChange }: { value: readonly Hours[]; onChange: (hours: readonly Hours[]) => void }) {
  const { t } = useWords();
  const change = (at: number, part: Partial<Hours>): void => onChange(value.map((each, index) => (index === at ? { ...each, ...part } : each)));
  return (
    <div className="hours">
      <ul>
        {value.map((each, at) => (
          <li key={at}>
            <div className="hours-line" role="group" aria-label={t("hours.line", { number: at + 1 })}>
              <span className="hours-days">
                <DaySelect label={t("hours.first")} value={each.first} onChange={(first) => change(at, { first, last: Math.max(first, each.last) })} />
                <span aria-hidden="true">–</span>
                <DaySelect label={t("hours.last")} value={each.last} least={each.first} onChange={(last) => change(at, { last })} />
              </span>
              <span className="hours-times">
                <input type="time" aria-label={t("hours.from")} value={each.from} onChange={(event) => change(at, { from: event.target.value })} />
                <span aria-hidden="true">–</span>
                <input type="time" aria-label={t("hours.until")} value={each.until} onChange={(event) => change(at, { until: event.target.value })} />
              </span>
              <IconButton icon="trash" label={t("hours.remove", { number: at + 1 })} onClick={() => onChange(value.filter((_, index) => index !== at))} />
            </div>
          </li>
        ))}
      </ul>
      {value.length < kMostLines && (
        <Button icon="plus" className="small" onClick={() => onChange([...value, value.length === 0 ? kAfternoons : kWeekend])}>
          {t("hours.add")}
        </Button>
      )}
    </div>
  );
}

function DaySelect({ label, value, least = 0, onChange }: { label: string; value: number; least?: number; onChange: (day: number) => void }) {
  const { locale } = useWords();
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(Number(event.target.value))}>
      {Array.from({ length: 7 - least }, (_, index) => (
        <option key={index + least} value={index + least}>
          {dayNamed(index + least, locale)}
        </option>
      ))}
    </select>
  );
}
