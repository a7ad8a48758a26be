import { useWords } from "../i18n";
import { useAppState } from "../state/context";
import { dateAndTime, num } from "../text/format";
import { Icon } from "../ui/icons";

/** Above the composer: something of this conversation waits to be sent. */
export function ScheduledHere({ conversation }: { conversation: string }) {
  const { t, n, locale } = useWords();
  const scheduled = useAppState((state) => state.scheduled);
  const here = scheduled.filter((each) => each.conversation === conversation);
  const next = here[0];
  if (next === undefined) return null;
  return (
    <a className="scheduled-here" href="#/scheduled">
      <Icon name="clock" size={16} />
      <span>{n("scheduled.here", here.length, { time: dateAndTime(num(next.due_ms), locale) })}</span>
      <span className="link-like">{t("scheduled.look")}</span>
    </a>
  );
}

/** Above the conversations, when something waits. */
export function ScheduledEntry() {
  const { t } = useWords();
  const count = useAppState((state) => state.scheduled.length);
  if (count === 0) return null;
  return (
    <a className="requests-entry" href="#/scheduled">
      <Icon name="clock" />
      <span>{t("scheduled.entry", { count })}</span>
      <Icon name="chevron" size={16} />
    </a>
  );
}
