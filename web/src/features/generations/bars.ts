// Where the bars of attempts stand in time. Pure.
import type { Attempt } from "@/lib/contract";

export interface Bar {
  attempt: Attempt;
  /** Shares of the whole, 0 to 1. */
  start: number;
  first: number | undefined;
  end: number;
  /** Milliseconds from the beginning of the generation. */
  startMs: number;
  waitMs: number | undefined;
  totalMs: number | undefined;
}

/** Bars from the first moment to the last; what still runs ends with it. */
export function barsOf(attempts: Attempt[], from: string | undefined): { bars: Bar[]; spanMs: number } {
  const time = (text: string | undefined) => (text ? Date.parse(text) : undefined);
  const starts = attempts.flatMap(({ start_time: start }) => time(start) ?? []);
  const zero = Math.min(time(from) ?? Infinity, ...starts);
  const last = Math.max(zero + 1, ...attempts.flatMap((one) => [time(one.end_time), time(one.first_token_time), time(one.start_time)].filter((at) => at !== undefined)));
  const span = last - zero;
  const bars = attempts.map((attempt) => {
    const start = time(attempt.start_time) ?? zero;
    const first = time(attempt.first_token_time);
    const end = time(attempt.end_time);
    const part = (at: number) => (at - zero) / span;
    return {
      attempt,
      start: part(start),
      first: first === undefined ? undefined : part(first),
      end: part(end ?? last),
      startMs: start - zero,
      waitMs: first === undefined ? undefined : first - start,
      totalMs: end === undefined ? undefined : end - start,
    };
  });
  return { bars, spanMs: span };
}
