// The hours of a week in which a child may write, as people fill them in, as the client's policy has them and as its
// command takes them ("mon-fri 15:00-20:00, sat 09:00-21:00"). Pure.
import type { FamilyPolicy, FamilyPolicyHours } from "../api/types";

const kDays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const kMinutesOfDay = 24 * 60;

/** Days in a row with the same hours, 0 being Monday; times as a time field has them, the end of a day as "00:00". */
export interface Hours {
  first: number;
  last: number;
  from: string;
  until: string;
}

function clock(minutes: number): string {
  const within = minutes % kMinutesOfDay;
  return `${String(Math.floor(within / 60)).padStart(2, "0")}:${String(within % 60).padStart(2, "0")}`;
}

function minutes(time: string, end: boolean): number | undefined {
  const found = /^(\d\d):(\d\d)$/.exec(time);
  if (found === null) return undefined;
  const of = Number(found[1]) * 60 + Number(found[2]);
  return end && of === 0 ? kMinutesOfDay : of;
}

export function hoursOf(windows: readonly FamilyPolicyHours[]): Hours[] {
  const made: Hours[] = [];
  for (const each of windows) {
    const day = each.day ?? 0;
    const from = clock(each.from_min ?? 0);
    const until = clock(each.until_min ?? 0);
    const before = made.find((other) => other.last === day - 1 && other.from === from && other.until === until);
    if (before !== undefined) before.last = day;
    else made.push({ first: day, last: day, from, until });
  }
  return made;
}

/** As the client's command takes it; undefined where a line is no span of time, or two run into each other. */
export function hoursText(hours: readonly Hours[]): string | undefined {
  const windows: { day: number; from: number; until: number }[] = [];
  const lines: string[] = [];
  for (const each of hours) {
    const from = minutes(each.from, false);
    const until = minutes(each.until, true);
    if (from === undefined || until === undefined || from >= until || each.first > each.last) return undefined;
    for (let day = each.first; day <= each.last; day += 1) windows.push({ day, from, until });
    const days = each.first === each.last ? kDays[each.first] : `${kDays[each.first]}-${kDays[each.last]}`;
    lines.push(`${days} ${clock(from)}-${until === kMinutesOfDay ? "24:00" : clock(until)}`);
  }
  windows.sort((a, b) => a.day - b.day || a.from - b.from);
  const collide = windows.some((each, at) => at > 0 && windows[at - 1]?.day === each.day && (windows[at - 1]?.until ?? 0) > each.from);
  return collide || lines.length === 0 ? undefined : lines.join(", ");
}

/** "+02:00", from minutes east. */
export function offsetText(east: number): string {
  return `${east < 0 ? "-" : "+"}${clock(Math.abs(east))}`;
}

/** Whether the child may write at this moment, its clock being right. */
export function openAt(policy: FamilyPolicy, now: number): boolean {
  if (policy.limited_hours !== true) return true;
  const local = new Date(now + (policy.utc_offset_min ?? 0) * 60_000);
  const day = (local.getUTCDay() + 6) % 7;
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
  return (policy.hours ?? []).some((each) => (each.day ?? 0) === day && (each.from_min ?? 0) <= minute && minute < (each.until_min ?? 0));
}

/** The name of a day; 0 is Monday. */
export function dayNamed(day: number, locale: string, width: "short" | "long" = "long"): string {
  // The first of January 2024 was a Monday.
  return new Intl.DateTimeFormat(locale, { weekday: width, timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + day));
}

/** "Monday–Friday 15:00–20:00" in the user's language. */
export function hoursWords(hours: Hours, locale: string): string {
  const days = hours.first === hours.last ? dayNamed(hours.first, locale) : `${dayNamed(hours.first, locale)}–${dayNamed(hours.last, locale)}`;
  return `${days} ${hours.from}–${hours.until === "00:00" ? "24:00" : hours.until}`;
}
