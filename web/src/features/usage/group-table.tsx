"use client";

import { useState } from "react";

import { nameOf, type Group } from "./view";
import { Swatch } from "@/components/chart/bars";
import { Duration, Money, Tokens } from "@/components/numbers";
import { DataTable, type Column } from "@/components/table";
import type { UsageRow } from "@/lib/contract";
import { count, share, words } from "@/lib/format";
import { OTHER } from "@/lib/series";

interface Sum {
  name: string;
  cost: number;
  requests: number;
  failed: number;
  input: number;
  cached: number;
  output: number;
  /** The slowest interval's: percentiles cannot be added up. */
  p95: number | undefined;
}

interface Props {
  rows: UsageRow[];
  by: Group;
  colour: Map<string, number>;
  onPoint: (name: string | undefined) => void;
}

/** The same figures as the chart above it. */
export function GroupTable({ rows, by, colour, onPoint }: Props) {
  const [sort, setSort] = useState<{ by: string; down: boolean }>({ by: "cost", down: true });
  const sums = sumBy(rows, by);
  const all = sums.reduce((sum, { cost }) => sum + cost, 0);
  const key = sort.by as keyof Sum;
  const sorted = sums.toSorted((one, other) => {
    const [a, b] = [one[key] ?? 0, other[key] ?? 0];
    const order = a < b ? -1 : a > b ? 1 : 0;
    return sort.down ? -order : order;
  });
  const right = (id: string, head: string, cell: Column<Sum>["cell"], from?: Column<Sum>["from"]): Column<Sum> => ({
    ...{ id, head, cell, right: true, sortable: true },
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
        right("cost", "Cost", ({ cost }) => <b className="font-medium"><Money usd={cost} sum /></b>),
        { id: "share", head: "Share", right: true, from: "sm", cell: ({ cost }) => share(cost, all) },
        right("requests", "Requests", ({ requests }) => count(requests)),
        right("input", "Input", ({ input }) => <Tokens value={input} />, "md"),
        right("cached", "Cached", ({ cached }) => <Tokens value={cached} />, "md"),
        right("output", "Output", ({ output }) => <Tokens value={output} />, "md"),
        right("p95", "Slowest p95", ({ p95 }) => <Duration ms={p95} />, "lg"),
        right("failed", "Failed", ({ failed, requests }) => share(failed, requests), "sm"),
      ]}
    />
  );
}

function sumBy(rows: UsageRow[], by: Group): Sum[] {
  const sums = new Map<string, Sum>();
  for (const row of rows) {
    const name = nameOf(row, by);
    const sum = sums.get(name) ?? { name, cost: 0, requests: 0, failed: 0, input: 0, cached: 0, output: 0, p95: undefined };
    const { totals = {} } = row;
    sum.cost += totals.cost_usd ?? 0;
    sum.requests += totals.requests ?? 0;
    sum.failed += totals.failed_requests ?? 0;
    sum.input += totals.total_input_tokens ?? 0;
    sum.cached += totals.cache_read_tokens ?? 0;
    sum.output += totals.total_output_tokens ?? 0;
    const p95 = totals.first_token_ms?.p95;
    sum.p95 = p95 === undefined ? sum.p95 : Math.max(sum.p95 ?? 0, p95);
    sums.set(name, sum);
  }
  return [...sums.values()];
}
