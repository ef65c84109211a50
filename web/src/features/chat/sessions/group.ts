// Sessions by the viewer's days.
import type { Session } from "@/lib/contract";

const DAY_MS = 86_400_000;

/** The heading under which a time stands: Today, Yesterday, Last 7 days, Last 30 days, then months. */
export function heading(time: string | undefined, now: number): string {
  const date = new Date(time ?? 0);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const age = midnight - date.getTime();
  if (age <= 0) {
    return "Today";
  }
  if (age <= DAY_MS) {
    return "Yesterday";
  }
  if (age <= 7 * DAY_MS) {
    return "Last 7 days";
  }
  if (age <= 30 * DAY_MS) {
    return "Last 30 days";
  }
  return new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric" }).format(date);
}

export type Entry = { heading: string } | { session: Session };

/** Sessions with a heading before each first of its group. */
export function entries(sessions: Session[], now: number): Entry[] {
  let last = "";
  return sessions.flatMap((session): Entry[] => {
    const name = heading(session.update_time, now);
    const first = name !== last;
    last = name;
    return first ? [{ heading: name }, { session }] : [{ session }];
  });
}
