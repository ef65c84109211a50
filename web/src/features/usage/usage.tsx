"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useMemo, useState } from "react";

import { Budgets } from "./budgets";
import { Export } from "./export";
import { Errors, Latency } from "./latency";
import { GroupTable } from "./group-table";
import { NO_BOUNDS, RANGE_NAMES, rangeName, RangePicker, stepName } from "./range-picker";
import { amount, beside, dwarfs, readView, seriesOf, spanOf, within, written, type Group, type Metric } from "./view";
import { Segmented } from "@/components/button";
import { Bars, Swatch } from "@/components/chart/bars";
import { Lines } from "@/components/chart/lines";
import { Select } from "@/components/field";
import { Duration, Money, Tokens } from "@/components/numbers";
import { Card, Empty, Page, Problem, Skeleton, Stat } from "@/components/states";
import { read } from "@/lib/api";
import { useNow } from "@/lib/browser";
import { isAdmin, useCaller } from "@/lib/caller";
import { useCommands } from "@/lib/commands";
import type { Project, UsageSummary } from "@/lib/contract";
import { count, delta, share, tokens, total, words } from "@/lib/format";
import { colours } from "@/lib/series";
import { useAddress } from "@/lib/url";

const GROUP_NAMES: [Group, string][] = [
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

/** What was used, what it cost, how fast it was and what failed. */
export function Usage() {
  const [address, go] = useAddress();
  const view = useMemo(() => readView(address), [address]);
  const now = useNow();
  // A new interval makes new sums; within one the question stays the same.
  const span = useMemo(() => spanOf(view, new Date(now)), [view, now]);
  const query = {
    start: span.start.toISOString(),
    end: span.end.toISOString(),
    interval: span.interval,
    projects: view.project,
  };
  const summary = useQuery({
    queryKey: ["usage", query, view.by],
    queryFn: ({ signal }) =>
      read<UsageSummary>("/usage/summary", { ...query, group_by: view.by, include_previous: true }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const [pointed, setPointed] = useState<string>();
  const choose = ({ start, end }: { start: Date; end: Date }) => go(written(start, end));
  const onSpan = (first: number, last: number) => choose(within(span, first, last));
  useCommands([
    ...RANGE_NAMES.map(([range, name]) => ({ id: `range ${range}`, title: `Range: ${name}`, group: "Here" as const, run: () => go({ ...NO_BOUNDS, range }) })),
    { id: "earlier", title: "Earlier range", group: "Here", keys: "[", run: () => choose(beside(span, -1)) },
    { id: "later", title: "Later range", group: "Here", keys: "]", run: () => choose(beside(span, 1)) },
  ]);

  const { rows = [], total: sum, previous } = summary.data ?? {};
  const series = seriesOf(rows, span, view.by, view.metric);
  const colour = colours(view.by, series.names);
  const show = { cost: total, tokens, requests: count }[view.metric];
  const metricName = METRIC_NAMES.find(([metric]) => metric === view.metric)?.[1] ?? "";
  const before = `on the ${rangeName(view, span)} before`;
  const log = view.log && series.names.length > 0;
  const chart = {
    finding: `${metricName}: ${show(amount(sum, view.metric))} in all, by ${view.by.replace("_", " ")}`,
    names: series.names,
    colours: series.names.map((name) => colour.get(name) ?? 0),
    ...{ show, onSpan },
  };
  const change = (metric: Metric) => {
    const text = delta(amount(sum, metric), previous && amount(previous, metric));
    return text ? `${text} ${before}` : undefined;
  };
  return (
    <Page
      title="Usage"
      actions={
        <>
          <RangePicker view={view} span={span} onChange={go} />
          <Projects value={view.project} onChange={(project) => go({ project })} />
          <Export query={{ start: query.start, end: query.end, projects: view.project }} />
        </>
      }
    >
      {summary.isError && <Problem error={summary.error} retry={() => void summary.refetch()} />}
      {summary.isPending && <Skeleton className="h-96" />}
      {rows.length === 0 && summary.isSuccess && (
        <Empty title="No requests in this time">
          <Link href="/chat/" className="text-accent-text underline">
            Send one from the chat
          </Link>
        </Empty>
      )}
      {sum && rows.length > 0 && (
        <div className={`flex flex-col gap-4 ${summary.isPlaceholderData ? "opacity-60" : ""}`}>
          <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
            <Stat name="Cost" value={<Money usd={sum.cost_usd ?? 0} sum />} note={change("cost")} />
            <Stat
              name="Requests"
              value={count(sum.requests ?? 0)}
              note={`${share(sum.failed_requests ?? 0, sum.requests ?? 0)} failed · ${count(sum.extra_attempts ?? 0)} further tries`}
            />
            <Stat
              name="Tokens"
              value={<Tokens value={amount(sum, "tokens")} />}
              note={`${share(sum.cache_read_tokens ?? 0, sum.total_input_tokens ?? 0)} of input from cache`}
            />
            <Stat
              name="First token p50 / p95"
              value={
                <>
                  <Duration ms={sum.first_token_ms?.p50} /> / <Duration ms={sum.first_token_ms?.p95} />
                </>
              }
              {...slower(sum.first_token_ms?.p95, previous?.first_token_ms?.p95)}
            />
          </div>
          {!!sum.unknown_cost_requests && (
            <p className="text-warn">{count(sum.unknown_cost_requests)} requests have no known price and are not in the cost.</p>
          )}
          <Card
            title={`${metricName} per ${span.interval}`}
            actions={
              <>
                <Segmented label="Group by" value={view.by} options={options(GROUP_NAMES)} onChange={(by) => go({ by: by === "model" ? undefined : by })} />
                <div className="flex flex-wrap gap-2 md:ml-auto">
                  {(log || dwarfs(series)) && (
                    <Segmented
                      label="Scale"
                      value={log ? "log" : "linear"}
                      options={SCALES}
                      onChange={(scale) => go({ scale: scale === "log" ? scale : undefined })}
                    />
                  )}
                  <Segmented label="Measure" value={view.metric} options={options(METRIC_NAMES)} onChange={(metric) => go({ metric: metric === "cost" ? undefined : metric })} />
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
                values={series.names.map((_, at) => series.values.map((column) => column[at]))}
                log
              />
            ) : (
              <Bars
                {...chart}
                columns={span.steps.map((start, at) => ({
                  ...stepName(start, span.interval),
                  values: series.values[at] ?? [],
                  open: at === span.steps.length - 1 && now < span.end.getTime(),
                }))}
                focus={pointed === undefined ? undefined : Math.max(0, series.names.indexOf(pointed))}
              />
            )}
            <p className="flex flex-wrap gap-x-4 gap-y-1 text-note text-text-2">
              {series.names.map((name) => (
                <span key={name} className="flex items-center gap-1.5">
                  <Swatch colour={colour.get(name) ?? 0} />
                  {name}
                </span>
              ))}
              {span.interval !== "hour" && <span className="ml-auto">{words(span.interval)}s in UTC</span>}
            </p>
          </Card>
          <GroupTable query={query} by={view.by} colour={colour} onPoint={setPointed} />
          <div className="grid items-start gap-4 md:grid-cols-2">
            <Latency query={query} span={span} onSpan={onSpan} />
            <Errors total={sum} />
          </div>
        </div>
      )}
      <Budgets project={view.project} />
    </Page>
  );
}

function slower(now: number | undefined, before: number | undefined): { note?: string; tone?: "warn" } {
  const text = now === undefined ? undefined : delta(now, before);
  if (!text || now === undefined || before === undefined) {
    return {};
  }
  return now > before * 1.1 ? { note: `p95 ${text} against before`, tone: "warn" } : { note: `p95 ${text} against before` };
}

/** All that the key can see, or one project of it. */
function Projects({ value, onChange }: { value: string; onChange: (project: string) => void }) {
  const caller = useCaller();
  const projects = useQuery({
    queryKey: ["projects"],
    queryFn: ({ signal }) => read<{ projects?: Project[] }>("/projects", { page_size: 1000 }, signal),
    enabled: isAdmin(caller.data),
  });
  if (!projects.data) {
    return null;
  }
  const names = projects.data.projects?.map(({ id, name }) => ({ value: id, name: name || id })) ?? [];
  return <Select aria-label="Project" value={value} options={[{ value: "", name: "All projects" }, ...names]} onChange={onChange} />;
}
