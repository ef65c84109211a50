"use client";

import { written, type Range, type Span, type View } from "./view";
import { Button, Segmented } from "@/components/button";
import { Field, Input } from "@/components/field";
import { Popover } from "@/components/popover";
import type { Changes } from "@/lib/url";

export const RANGE_NAMES: [Exclude<Range, "custom">, string][] = [
  ["24h", "24 h"],
  ["7d", "7 d"],
  ["30d", "30 d"],
  ["90d", "90 d"],
];
export const NO_BOUNDS: Changes = { start: undefined, end: undefined };

const DAY_MS = 86_400_000;
const isoDay = (time: number) => new Date(time).toISOString().slice(0, 10);

/** Spans that end now, or any days between two dates. */
export function RangePicker({ view, span, onChange }: { view: View; span: Span; onChange: (changes: Changes) => void }) {
  return (
    <>
      <Segmented<Range>
        label="Range"
        value={view.range}
        options={RANGE_NAMES.map(([value, name]) => ({ value, name }))}
        onChange={(range) => onChange({ ...NO_BOUNDS, range: range === "30d" ? undefined : range })}
      />
      <Popover
        label="Custom range"
        className="w-64 p-4"
        trigger={(props) => (
          <Button {...props} aria-pressed={view.range === "custom"}>
            {view.range === "custom" ? rangeName(view, span) : "Custom"}
          </Button>
        )}
      >
        {(close) => (
          <form
            className="flex flex-col gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              const form = new FormData(event.currentTarget);
              const [first, last] = ["first", "last"].map((name) => Date.parse(String(form.get(name)))).sort((one, other) => one - other);
              if (first !== undefined && last !== undefined) {
                onChange(written(new Date(first), new Date(last + DAY_MS)));
                close();
              }
            }}
          >
            <Field label="First day">
              <Input type="date" name="first" required defaultValue={isoDay(span.start.getTime())} />
            </Field>
            <Field label="Last day" help="Days are those of UTC.">
              <Input type="date" name="last" required defaultValue={isoDay(span.end.getTime() - 1)} />
            </Field>
            <Button kind="primary" type="submit">
              Show
            </Button>
          </form>
        )}
      </Popover>
    </>
  );
}

/** A range in words. */
export function rangeName(view: View, span: Span): string {
  const known = RANGE_NAMES.find(([range]) => range === view.range)?.[1];
  if (known) {
    return known;
  }
  const [first, last] = [span.start, span.interval === "hour" ? span.end : new Date(span.end.getTime() - 1)];
  const hours = { hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat("en-GB", {
    ...{ day: "numeric", month: "short" },
    ...(span.interval === "hour" ? hours : { timeZone: "UTC" }),
    ...(last.getTime() - first.getTime() > 300 * DAY_MS ? { year: "numeric" } : {}),
  }).formatRange(first, last);
}

/** The name of an interval on an axis, and where there is room for all of it. */
export function stepName(start: Date, interval: Span["interval"]): { label: string; title: string } {
  const zone = interval === "hour" ? {} : { timeZone: "UTC" };
  const write = (format: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en-GB", { ...zone, ...format }).format(start);
  switch (interval) {
    case "hour":
      return { label: write({ hour: "2-digit", minute: "2-digit" }), title: write({ weekday: "short", hour: "2-digit", minute: "2-digit" }) };
    case "day":
      return { label: write({ day: "numeric", month: "short" }), title: write({ weekday: "short", day: "numeric", month: "short" }) };
    case "week":
      return { label: write({ day: "numeric", month: "short" }), title: `Week of ${write({ day: "numeric", month: "short", year: "numeric" })}` };
  }
}
