"use client";

import { useTogether } from "./data";
import { stepName } from "./range-picker";
import type { Span } from "./view";
import { Lines } from "@/components/chart/lines";
import { Card } from "@/components/states";
import { DataTable } from "@/components/table";
import type { Query } from "@/lib/api";
import type { Percentiles, UsageTotals } from "@/lib/contract";
import { count, duration, share, words } from "@/lib/format";

const NAMES = ["p50", "p95", "p99"] as const;

/** How long the first token and the whole took, over time. */
export function Latency({ query, span, onSpan }: { query: Query; span: Span; onSpan: (first: number, last: number) => void }) {
  const at = useTogether(query);
  const values = (pick: (totals: UsageTotals) => Percentiles | undefined) =>
    NAMES.map((name) =>
      span.steps.map((step) => {
        const totals = at.get(step.getTime());
        return totals && pick(totals)?.[name];
      }),
    );
  const chart = { names: [...NAMES], colours: [3, 2, 7], labels: span.steps.map((step) => stepName(step, span.interval)), show: duration, onSpan };
  return (
    <>
      <Card title="First token">
        <Lines {...chart} finding="Time to the first token" values={values(({ first_token_ms: times }) => times)} />
      </Card>
      <Card title="Total time">
        <Lines {...chart} finding="Time to the end" values={values(({ total_ms: times }) => times)} />
      </Card>
    </>
  );
}

/** What failed, by cause. */
export function Errors({ total }: { total: UsageTotals }) {
  const errors = (total.errors ?? []).toSorted((one, other) => (other.count ?? 0) - (one.count ?? 0));
  if (errors.length === 0) {
    return <Card title="Errors">Nothing failed.</Card>;
  }
  const all = errors.reduce((sum, error) => sum + (error.count ?? 0), 0);
  return (
    <DataTable
      caption="Errors by cause"
      rows={errors}
      rowKey={({ reason = "" }) => reason}
      columns={[
        { id: "reason", head: "Error", cell: ({ reason }) => words(reason) },
        { id: "count", head: "Requests", right: true, cell: (error) => count(error.count) },
        { id: "share", head: "Share", right: true, cell: (error) => share(error.count ?? 0, all) },
      ]}
    />
  );
}
