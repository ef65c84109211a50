"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { nameOf, type Group } from "./view";
import { Swatch } from "@/components/chart/bars";
import { Duration, Money, Tokens } from "@/components/numbers";
import { DataTable, type Column } from "@/components/table";
import { read, type Query } from "@/lib/api";
import type { UsageSummary, UsageTotals } from "@/lib/contract";
import { count, share, words } from "@/lib/format";
import { OTHER } from "@/lib/series";

interface Row {
  name: string;
  totals: UsageTotals;
}

interface Props {
  query: Query;
  by: Group;
  colour: Map<string, number>;
  onPoint: (name: string | undefined) => void;
}

/** What a column sorts and shows; percentiles are of the whole span, which its intervals do not tell. */
const VALUES: Record<string, (totals: UsageTotals) => number | undefined> = {
  cost: ({ cost_usd: cost = 0 }) => cost,
  requests: ({ requests = 0 }) => requests,
  input: ({ total_input_tokens: input = 0 }) => input,
  cached: ({ cache_read_tokens: cached = 0 }) => cached,
  output: ({ total_output_tokens: output = 0 }) => output,
  p50: ({ first_token_ms: times }) => times?.p50,
  p95: ({ first_token_ms: times }) => times?.p95,
  p99: ({ first_token_ms: times }) => times?.p99,
  failed: ({ failed_requests: failed = 0, requests = 0 }) => failed / Math.max(1, requests),
};

/** The same figures as the chart above it. */
export function GroupTable({ query, by, colour, onPoint }: Props) {
  const [sort, setSort] = useState<{ by: string; down: boolean }>({ by: "cost", down: true });
  const whole = { ...query, interval: undefined };
  const { data } = useQuery({
    queryKey: ["usage", whole, by],
    queryFn: ({ signal }) => read<UsageSummary>("/usage/summary", { ...whole, group_by: by }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const rows = data?.rows?.map((row) => ({ name: nameOf(row, by), totals: row.totals ?? {} })) ?? [];
  const all = rows.reduce((sum, { totals }) => sum + (totals.cost_usd ?? 0), 0);
  const value = (row: Row, id: string) => (id === "name" ? row.name : VALUES[id]?.(row.totals)) ?? -1;
  const sorted = rows.toSorted((one, other) => {
    const [a, b] = [value(one, sort.by), value(other, sort.by)];
    const order = a < b ? -1 : a > b ? 1 : 0;
    return sort.down ? -order : order;
  });
  const right = (id: string, head: string, show: (value: number | undefined) => ReactNode, from?: Column<Row>["from"]): Column<Row> => ({
    ...{ id, head, cell: ({ totals }) => show(VALUES[id]?.(totals)), right: true, sortable: true },
    ...(from ? { from } : {}),
  });
  return (
    <DataTable
      caption={`Usage by ${by.replace("_", " ")}`}
      rows={sorted}
      rowKey={({ name }) => name}
      sort={sort}
      onSort={(name) => setSort({ by: name, down: sort.by === name ? !sort.down : true })}
      onPoint={(row) => onPoint(row ? (colour.has(row.name) ? row.name : OTHER) : undefined)}
      columns={[
        {
          id: "name",
          head: words(by),
          sortable: true,
          cell: ({ name }) => (
            <span className="flex items-center gap-2">
              <Swatch colour={colour.get(name) ?? 0} />
              <span className="max-w-40 truncate @xl:max-w-80">{name}</span>
            </span>
          ),
        },
        right("cost", "Cost", (usd) => <b className="font-medium"><Money usd={usd} sum /></b>),
        { id: "share", head: "Share", right: true, from: "sm", cell: ({ totals }) => share(totals.cost_usd ?? 0, all) },
        right("requests", "Requests", count),
        right("input", "Input", (tokens) => <Tokens value={tokens} />, "md"),
        right("cached", "Cached", (tokens) => <Tokens value={tokens} />, "lg"),
        right("output", "Output", (tokens) => <Tokens value={tokens} />, "md"),
        right("p50", "First p50", (ms) => <Duration ms={ms} />, "md"),
        right("p95", "p95", (ms) => <Duration ms={ms} />, "md"),
        right("p99", "p99", (ms) => <Duration ms={ms} />, "lg"),
        right("failed", "Failed", (part) => share(part ?? 0, 1), "sm"),
      ]}
    />
  );
}
