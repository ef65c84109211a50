"use client";

import clsx from "clsx";
import { useState, type MouseEvent, type ReactNode } from "react";

import { stepName } from "./range-picker";
import { amount, dwarfs, only, type Group, type Metric, type Series, type Span, type View } from "./view";
import { Segmented } from "@/components/button";
import { Bars, Swatch } from "@/components/chart/bars";
import { Lines } from "@/components/chart/lines";
import { Card } from "@/components/states";
import { useNow } from "@/lib/browser";
import type { UsageTotals } from "@/lib/contract";
import { count, tokens, total, words } from "@/lib/format";
import type { Changes } from "@/lib/url";

export const GROUP_NAMES: [Group, string][] = [
  ["model", "Model"],
  ["provider", "Provider"],
  ["project", "Project"],
  ["key", "Key"],
  ["end_user", "End user"],
];
const METRIC_NAMES: [Metric, string][] = [
  ["cost", "Cost"],
  ["tokens", "Tokens"],
  ["requests", "Requests"],
];
const SCALES = [
  { value: "linear", name: "Linear" },
  { value: "log", name: "Log" },
] as const;
const options = <T extends string>(names: [T, string][]) => names.map(([value, name]) => ({ value, name }));

/** The address of a grouping. */
export const grouped = (by: Group): Changes => ({ by: by === "model" ? undefined : by });

interface Props {
  view: View;
  span: Span;
  series: Series;
  sum: UsageTotals;
  colour: Map<string, number>;
  /** A name that is pointed at elsewhere. */
  pointed: string | undefined;
  onChange: (changes: Changes) => void;
  onSpan: (first: number, last: number) => void;
}

/** A measure over time by a grouping, with a legend that hides what is not looked for. */
export function UsageChart({ view, span, series, sum, colour, pointed, onChange, onSpan }: Props) {
  const now = useNow();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = only(series, (name) => !hidden.has(name));
  const log = view.log && shown.names.length > 0;
  const show = { cost: total, tokens, requests: count }[view.metric];
  const metricName = METRIC_NAMES.find(([metric]) => metric === view.metric)?.[1] ?? "";
  const chart = {
    finding: `${metricName}: ${show(amount(sum, view.metric))} in all, by ${view.by.replace("_", " ")}`,
    names: shown.names,
    colours: shown.names.map((name) => colour.get(name) ?? 0),
    ...{ show, onSpan },
  };
  return (
    <Card
      title={`${metricName} per ${span.interval}`}
      actions={
        <>
          <Segmented label="Group by" value={view.by} options={options(GROUP_NAMES)} onChange={(by) => onChange(grouped(by))} />
          <div className="flex flex-wrap gap-2 md:ml-auto">
            {(log || dwarfs(shown)) && (
              <Segmented
                label="Scale"
                value={log ? "log" : "linear"}
                options={SCALES}
                onChange={(scale) => onChange({ scale: scale === "log" ? scale : undefined })}
              />
            )}
            <Segmented
              label="Measure"
              value={view.metric}
              options={options(METRIC_NAMES)}
              onChange={(metric) => onChange({ metric: metric === "cost" ? undefined : metric })}
            />
          </div>
        </>
      }
    >
      {log ? (
        // What is stacked cannot be read off a logarithmic axis, so each series gets a line.
        <Lines
          {...chart}
          height={260}
          labels={span.steps.map((start) => stepName(start, span.interval))}
          values={shown.names.map((_, at) => shown.values.map((column) => column[at]))}
          log
        />
      ) : (
        <Bars
          {...chart}
          columns={span.steps.map((start, at) => ({
            ...stepName(start, span.interval),
            values: shown.values[at] ?? [],
            open: at === span.steps.length - 1 && now < span.end.getTime(),
          }))}
          focus={pointed === undefined ? undefined : Math.max(0, shown.names.indexOf(pointed))}
        />
      )}
      <Legend names={series.names} colour={colour} hidden={hidden} onHide={setHidden}>
        {span.interval !== "hour" && <span className="ml-auto">{words(span.interval)}s in UTC</span>}
      </Legend>
    </Card>
  );
}

interface LegendProps {
  names: string[];
  colour: Map<string, number>;
  hidden: ReadonlySet<string>;
  onHide: (hidden: ReadonlySet<string>) => void;
  children: ReactNode;
}

/** The names of a chart; a click shows one alone, and all again; with Ctrl it hides or shows the one. */
function Legend({ names, colour, hidden, onHide, children }: LegendProps) {
  function choose(name: string, { ctrlKey, metaKey }: MouseEvent) {
    const alone = names.every((one) => hidden.has(one) !== (one === name));
    if (ctrlKey || metaKey) {
      onHide(new Set(hidden.has(name) ? [...hidden].filter((one) => one !== name) : [...hidden, name]));
    } else {
      onHide(new Set(alone ? [] : names.filter((one) => one !== name)));
    }
  }
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-note text-text-2">
      {names.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={!hidden.has(name)}
          title="Show alone; with Ctrl, hide"
          onClick={(event) => choose(name, event)}
          className={clsx("target flex min-h-6 items-center gap-1.5 rounded-badge hover:text-text", hidden.has(name) && "line-through opacity-60")}
        >
          <Swatch colour={colour.get(name) ?? 0} />
          {name}
        </button>
      ))}
      {children}
    </div>
  );
}
