"use client";

import { useTogether } from "./data";
import { stepName } from "./range-picker";
import type { Span } from "./view";
import { Bars, Swatch } from "@/components/chart/bars";
import { Tokens } from "@/components/numbers";
import { Card } from "@/components/states";
import { DataTable } from "@/components/table";
import type { Query } from "@/lib/api";
import { useNow } from "@/lib/browser";
import type { UsageTotals } from "@/lib/contract";
import { share, tokens } from "@/lib/format";

/** As they are stacked, each with its colour; no token is in two of them. */
const CLASSES = [
  { key: "cache_read_tokens", name: "Cached", colour: 5 },
  { key: "input_tokens", name: "Input", colour: 1 },
  { key: "cache_write_tokens", name: "Cache write", colour: 2 },
  { key: "output_tokens", name: "Output", colour: 3 },
  { key: "reasoning_tokens", name: "Thinking", colour: 6 },
  { key: "media_tokens", name: "Sound and images", colour: 4 },
] as const;

interface Props {
  query: Query;
  span: Span;
  total: UsageTotals;
  onSpan: (first: number, last: number) => void;
}

/** Tokens over time by what they were, with the sums under it. */
export function TokenClasses({ query, span, total, onSpan }: Props) {
  const now = useNow();
  const at = useTogether(query);
  const used = CLASSES.filter(({ key }) => (total[key] ?? 0) > 0);
  const all = used.reduce((sum, { key }) => sum + (total[key] ?? 0), 0);
  return (
    <Card title={`Tokens by class per ${span.interval}`}>
      <Bars
        finding={`Tokens by class: ${tokens(all)} in all`}
        names={used.map(({ name }) => name)}
        colours={used.map(({ colour }) => colour)}
        columns={span.steps.map((start, step) => ({
          ...stepName(start, span.interval),
          values: used.map(({ key }) => at.get(start.getTime())?.[key] ?? 0),
          open: step === span.steps.length - 1 && now < span.end.getTime(),
        }))}
        show={tokens}
        onSpan={onSpan}
      />
      <DataTable
        caption="Tokens by class"
        rows={used}
        rowKey={({ key }) => key}
        columns={[
          {
            id: "class",
            head: "Class",
            cell: ({ name, colour }) => (
              <span className="flex items-center gap-2">
                <Swatch colour={colour} />
                {name}
              </span>
            ),
          },
          { id: "tokens", head: "Tokens", right: true, cell: ({ key }) => <Tokens value={total[key]} /> },
          { id: "share", head: "Share", right: true, cell: ({ key }) => share(total[key] ?? 0, all) },
        ]}
      />
    </Card>
  );
}
