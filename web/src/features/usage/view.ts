// Which span and grouping of the books is shown, by the address; and sums as series. Pure.
import type { UsageRow, UsageTotals } from "@/lib/contract";
import { OTHER } from "@/lib/series";
import { oneOf, type Changes } from "@/lib/url";

export const RANGES = { "24h": 1, "7d": 7, "30d": 30, "90d": 90 } as const;
/** A span that ends now, or one between two moments. */
export type Range = keyof typeof RANGES | "custom";
export const GROUPS = ["model", "provider", "project", "key", "end_user"] as const;
export type Group = (typeof GROUPS)[number];
export const METRICS = ["cost", "tokens", "requests"] as const;
export type Metric = (typeof METRICS)[number];

export interface View {
  range: Range;
  /** The bounds of a custom range; its end is the first moment after it. */
  start: Date | undefined;
  end: Date | undefined;
  by: Group;
  metric: Metric;
  project: string;
  log: boolean;
}

export function readView(address: URLSearchParams): View {
  const [start, end] = [moment(address.get("start")), moment(address.get("end"))];
  const custom = start && end && start < end;
  return {
    range: custom ? "custom" : oneOf<keyof typeof RANGES>(address.get("range"), ["30d", "24h", "7d", "90d"]),
    start: custom ? start : undefined,
    end: custom ? end : undefined,
    by: oneOf<Group>(address.get("by"), GROUPS),
    metric: oneOf<Metric>(address.get("metric"), METRICS),
    project: address.get("project") ?? "",
    log: address.get("scale") === "log",
  };
}

function moment(text: string | null): Date | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** A custom range as it stands in the address: whole days without their hours. */
export function written(start: Date, end: Date): Changes {
  const write = (time: Date) => time.toISOString().replace(/T00:00:00\.000Z$/, "").replace(/:00\.000Z$/, "Z");
  return { start: write(start), end: write(end), range: undefined };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const WEEK_MS = 7 * DAY_MS;
/** Weeks begin on Mondays, and 1970 began on a Thursday. */
const MONDAY_MS = 4 * DAY_MS;

export type Interval = "hour" | "day" | "week";
const WIDTHS: Record<Interval, number> = { hour: HOUR_MS, day: DAY_MS, week: WEEK_MS };

export interface Span {
  start: Date;
  end: Date;
  interval: Interval;
  /** The beginnings of its intervals; days and weeks are those of UTC. */
  steps: Date[];
}

/** What a view shows: whole intervals, of which the last may not be over yet. */
export function spanOf({ range, start, end }: Pick<View, "range" | "start" | "end">, now: Date): Span {
  if (range === "custom" && start && end) {
    const length = end.getTime() - start.getTime();
    const interval = length <= 2 * DAY_MS ? "hour" : length <= 92 * DAY_MS ? "day" : "week";
    return whole(interval, start, end);
  }
  const days = range === "custom" ? RANGES["30d"] : RANGES[range];
  const interval = days === 1 ? "hour" : "day";
  const width = WIDTHS[interval];
  const last = Math.floor(now.getTime() / width) * width;
  return whole(interval, new Date(last + width - days * DAY_MS), new Date(last + width));
}

function whole(interval: Interval, start: Date, end: Date): Span {
  const width = WIDTHS[interval];
  const shift = interval === "week" ? MONDAY_MS : 0;
  const first = Math.floor((start.getTime() - shift) / width) * width + shift;
  const count = Math.min(MOST_STEPS, Math.ceil((end.getTime() - first) / width));
  const steps = Array.from({ length: count }, (_, at) => new Date(first + at * width));
  return { start: new Date(first), end: new Date(first + count * width), interval, steps };
}

/** The part of a span from one of its steps to another, both included. */
export function within(span: Span, first: number, last: number): { start: Date; end: Date } {
  return { start: span.steps[first] ?? span.start, end: span.steps[last + 1] ?? span.end };
}

/** The span of equal length before (-1) or after (1). */
export function beside({ start, end }: Span, way: number): { start: Date; end: Date } {
  const by = way * (end.getTime() - start.getTime());
  return { start: new Date(start.getTime() + by), end: new Date(end.getTime() + by) };
}

export function nameOf(row: UsageRow, by: Group): string {
  const name = { model: row.model, provider: row.provider, project: row.project, key: row.key_id, end_user: row.end_user }[by];
  return name || "none";
}

export function amount(totals: UsageTotals | undefined, metric: Metric): number {
  switch (metric) {
    case "cost":
      return totals?.cost_usd ?? 0;
    case "tokens":
      return (totals?.total_input_tokens ?? 0) + (totals?.total_output_tokens ?? 0);
    case "requests":
      return totals?.requests ?? 0;
  }
}

export interface Series {
  names: string[];
  /** For each step, a value for each name. */
  values: number[][];
}

const MOST_SERIES = 7;
/** What a chart has room for: some seven years of weeks. */
const MOST_STEPS = 366;
const DWARFS = 20;

/** Rows by step and name, the largest first; past seven they are one, which is last. */
export function seriesOf(rows: UsageRow[], span: Span, by: Group, metric: Metric): Series {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = nameOf(row, by);
    sums.set(name, (sums.get(name) ?? 0) + amount(row.totals, metric));
  }
  const ranked = [...sums].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  const shown = ranked.length > MOST_SERIES ? [...ranked.slice(0, MOST_SERIES - 1), OTHER] : ranked;
  const values = span.steps.map(() => shown.map(() => 0));
  for (const row of rows) {
    const step = span.steps.findLastIndex((start) => start.getTime() <= Date.parse(row.start ?? ""));
    const named = shown.indexOf(nameOf(row, by));
    const at = named < 0 ? shown.length - 1 : named;
    const column = values[step];
    if (column) {
      column[at] = (column[at] ?? 0) + amount(row.totals, metric);
    }
  }
  return { names: shown, values };
}

/** The series of some of the names. */
export function only({ names, values }: Series, wanted: (name: string) => boolean): Series {
  const kept = (_: unknown, at: number) => wanted(names[at] ?? "");
  return { names: names.filter(kept), values: values.map((column) => column.filter(kept)) };
}

/** Whether one name's sum leaves nothing to be seen of the usual one. */
export function dwarfs({ names, values }: Series): boolean {
  const sums = names.map((_, series) => values.reduce((sum, column) => sum + (column[series] ?? 0), 0)).filter((sum) => sum > 0);
  const sorted = sums.toSorted((one, other) => one - other);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return sorted.length > 1 && (sorted.at(-1) ?? 0) > DWARFS * median;
}
