"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useMemo, useState } from "react";

import { Budgets } from "./budgets";
import { TokenClasses } from "./classes";
import { Export } from "./export";
import { Errors, Latency } from "./latency";
import { GroupTable } from "./group-table";
import { GROUP_NAMES, grouped, UsageChart } from "./usage-chart";
import { NO_BOUNDS, RANGE_NAMES, rangeName, RangePicker } from "./range-picker";
import { amount, beside, readView, seriesOf, spanOf, within, written, type Metric } from "./view";
import { Select } from "@/components/field";
import { Duration, Money, Tokens } from "@/components/numbers";
import { Empty, Page, Problem, Skeleton, Stat } from "@/components/states";
import { read } from "@/lib/api";
import { useNow } from "@/lib/browser";
import { isAdmin, useCaller } from "@/lib/caller";
import { useCommands } from "@/lib/commands";
import type { Project, UsageSummary } from "@/lib/contract";
import { count, delta, share } from "@/lib/format";
import { colours } from "@/lib/series";
import { useAddress } from "@/lib/url";

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
    ...GROUP_NAMES.map(([by, name]) => ({ id: `group ${by}`, title: `Group by ${name.toLowerCase()}`, group: "Here" as const, run: () => go(grouped(by)) })),
    { id: "earlier", title: "Earlier range", group: "Here", keys: "[", run: () => choose(beside(span, -1)) },
    { id: "later", title: "Later range", group: "Here", keys: "]", run: () => choose(beside(span, 1)) },
  ]);

  const { rows = [], total: sum, previous } = summary.data ?? {};
  const series = seriesOf(rows, span, view.by, view.metric);
  const colour = colours(view.by, series.names);
  const before = `on the ${rangeName(view, span)} before`;
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
          <UsageChart view={view} span={span} series={series} sum={sum} colour={colour} pointed={pointed} onChange={go} onSpan={onSpan} />
          <GroupTable query={query} by={view.by} colour={colour} onPoint={setPointed} />
          <TokenClasses query={query} span={span} total={sum} onSpan={onSpan} />
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
