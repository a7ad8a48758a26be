// What concerns everything: the agent is away, the server is away, the account's safety. Each says what to do.
import { useAppState, useApp } from "./state/context";
import { type Key, useWords } from "./i18n";
import { dateAndTime, num } from "./text/format";
import { Banner, IconButton } from "./ui/controls";
import { withoutCommands } from "./transport/transport";
import type { Notice, ProblemCode } from "./api/types";

/** Problems that stand in their conversation, or that the call which caused them has told already. */
const kElsewhere: readonly (ProblemCode | undefined)[] = [
  "NO_SUCH_USER", "REGISTRATION_REFUSED", "HANDLE_REFUSED", "LINK_FAILED", "VERIFICATION_FAILED", "RECOVERY_REFUSED", "ACCOUNT_KEY_CHANGED", "HANDLE_GIVEN_UP", "ACCOUNT_GONE",
];
const kShown = 3;

/** Where the user does something about it. */
const kPlaces: Partial<Record<string, { section: string; label: Key }>> = {
  SIGN_IN_LOCKED: { section: "profile", label: "settings.profile" },
  SIGNED_IN: { section: "profile", label: "settings.profile" },
  LINKING_PAUSED: { section: "profile", label: "settings.profile" },
  LINK_ATTEMPT: { section: "devices", label: "settings.devices" },
  DEVICE_ADDED: { section: "devices", label: "settings.devices" },
  DEVICE_REMOVED: { section: "devices", label: "settings.devices" },
  RECOVERY_SLOT_FETCHED: { section: "recovery", label: "settings.recovery" },
  RECOVERY_REQUESTED: { section: "recovery", label: "settings.recovery" },
  RECOVERY_CHANGED: { section: "recovery", label: "settings.recovery" },
  RECOVERED: { section: "recovery", label: "settings.recovery" },
};

function NoticeBanner({ notice }: { notice: Notice }) {
  const app = useApp();
  const { t, locale } = useWords();
  const place = kPlaces[notice.kind ?? ""];
  return (
    <Banner tone="info" icon="shield" action={<IconButton icon="close" label={t("dismiss")} onClick={() => void app.dismissNotice(notice)} />}>
      {withoutCommands(notice.detail ?? "")}.
      {place !== undefined && (
        <>
          {" "}
          <a href={`#/settings/${place.section}`}>{t(place.label)}</a>
        </>
      )}{" "}
      <span className="hint">{dateAndTime(num(notice.time_ms), locale)}</span>
    </Banner>
  );
}

export function Alerts() {
  const app = useApp();
  const { t } = useWords();
  const link = useAppState((state) => state.link);
  const server = useAppState((state) => state.server);
  const stage = useAppState((state) => state.stage);
  const problems = useAppState((state) => state.problems);
  const notices = useAppState((state) => state.notices);
  const status = useAppState((state) => state.status);
  const shown = problems.filter((each) => !kElsewhere.includes(each.code)).slice(-kShown);
  return (
    <div className="alerts">
      {link === "down" && <Banner tone="warn">{t("alert.agent_away")}</Banner>}
      {link === "up" && server === "offline" && stage === "ready" && (
        <Banner tone="info" icon="clock">
          {t("alert.server_away")}
        </Banner>
      )}
      {stage === "ended" && <Banner tone="warn">{t(status?.stage === "RETIRED" ? "alert.retired" : "alert.removed")}</Banner>}
      {shown.map((problem) => (
        <Banner
          key={`${problem.code} ${problem.subject}`}
          tone={problem.code === "LOG_FORKED" || problem.code === "OWN_ENTRY_WRONG" || problem.code === "DEVICE_COPIED" ? "bad" : "warn"}
          action={<IconButton icon="close" label={t("dismiss")} onClick={() => app.dismissProblem(problem)} />}
        >
          {withoutCommands(problem.detail ?? "")}
        </Banner>
      ))}
      {notices.slice(0, kShown).map((notice) => (
        <NoticeBanner key={notice.id} notice={notice} />
      ))}
    </div>
  );
}
