// Which span and grouping of the books is shown, by the address; and sums as series. Pure.
import type { UsageRow, UsageTotals } from "@/lib/contract";
import { OTHER } from "@/lib/series";
import { oneOf } from "@/lib/url";

export const RANGES = { "24h": 1, "7d": 7, "30d": 30, "90d": 90 } as const;
export type Range = keyof typeof RANGES;
export const GROUPS = ["model", "provider", "project", "key", "end_user"] as const;
export type Group = (typeof GROUPS)[number];
export const METRICS = ["cost", "tokens", "requests"] as const;
export type Metric = (typeof METRICS)[number];

export interface View {
  range: Range;
  by: Group;
  metric: Metric;
  project: string;
}

export function readView(address: URLSearchParams): View {
  return {
    range: oneOf<Range>(address.get("range"), ["30d", "24h", "7d", "90d"]),
    by: oneOf<Group>(address.get("by"), GROUPS),
    metric: oneOf<Metric>(address.get("metric"), METRICS),
    project: address.get("project") ?? "",
  };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export type Interval = "hour" | "day";

export interface Span {
  start: Date;
  end: Date;
  interval: Interval;
  /** The beginnings of its intervals; days are those of UTC. */
  steps: Date[];
}

/** The span of a range that ends now, from the beginning of its first interval. */
export function spanOf(range: Range, now: Date): Span {
  const interval = range === "24h" ? "hour" : "day";
  const width = interval === "hour" ? HOUR_MS : DAY_MS;
  const count = interval === "hour" ? 24 : RANGES[range];
  const last = Math.floor(now.getTime() / width) * width;
  const steps = Array.from({ length: count }, (_, at) => new Date(last - (count - 1 - at) * width));
  return { start: steps[0] ?? now, end: new Date(last + width), interval, steps };
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
