"use client";

import type { ReactNode } from "react";

import { Status } from "./status";
import { Tile } from "@/components/badge";
import { Duration, Money, Tokens } from "@/components/numbers";
import type { Column, Narrow } from "@/components/table";
import type { Generation } from "@/lib/contract";
import { logTime, wholeMoment } from "@/lib/format";
import { shortName, type Catalog } from "@/lib/models";

/** What a phone shows of a generation. */
export function narrowRow(generation: Generation, catalog: Catalog | undefined, now: number): Narrow {
  const { create_time: time, key_name: name, key_id: key, cost_usd: usd, timings } = generation;
  return {
    title: <Model generation={generation} catalog={catalog} />,
    figure: <Status generation={generation} />,
    note: [logTime(time, now), name || key].filter(Boolean).join(" · "),
    more: (
      <>
        <Money usd={usd} /> · <Duration ms={timings?.total_ms} />
      </>
    ),
  };
}

function Model({ generation: { model }, catalog }: { generation: Generation; catalog: Catalog | undefined }) {
  const id = model?.resolved || model?.requested || "";
  return (
    <span data-filter="model" data-value={id} className="flex min-w-0 items-center gap-2">
      <Tile id={id} />
      <span className="truncate font-medium">{shortName(catalog?.byId.get(id), id)}</span>
    </span>
  );
}

/** A value by which the log can be filtered: with Alt and a click. */
function Value({ name, value, children }: { name: string; value: string; children?: ReactNode }) {
  return (
    <span data-filter={name} data-value={value} title={value && "Alt-click to see only these"} className="block truncate text-text-2">
      {children ?? (value || "–")}
    </span>
  );
}

/** The filter that a click with Alt asks for. */
export function filterOf({ altKey, target }: { altKey: boolean; target: EventTarget }): Record<string, string> | undefined {
  const { filter, value } = (altKey && target instanceof Element && target.closest<HTMLElement>("[data-filter]")?.dataset) || {};
  return filter && value ? { [filter]: value } : undefined;
}

/** The columns of the log. */
export function columnsOf(catalog: Catalog | undefined, now: number): Column<Generation>[] {
  return [
    {
      id: "time",
      width: "112px",
      head: "Time",
      cell: ({ create_time: time }) => (
        <time dateTime={time} title={time && wholeMoment(time)}>
          {logTime(time, now)}
        </time>
      ),
    },
    {
      id: "model",
      head: "Model",
      cell: (generation) => <Model generation={generation} catalog={catalog} />,
    },
    { id: "provider", width: "104px", head: "Provider", from: "lg", cell: ({ provider = "" }) => <Value name="provider" value={provider} /> },
    { id: "key", width: "104px", head: "Key", from: "lg", cell: ({ key_name: name, key_id: id = "" }) => <Value name="key" value={id}>{name || id}</Value> },
    { id: "status", width: "160px", head: "Status", cell: (generation) => <Status generation={generation} /> },
    { id: "in", width: "64px", head: "In", right: true, from: "lg", cell: ({ usage }) => <Tokens value={usage?.total_input_tokens} /> },
    { id: "out", width: "64px", head: "Out", right: true, from: "md", cell: ({ usage }) => <Tokens value={usage?.total_output_tokens} /> },
    { id: "cost", width: "112px", head: "Cost", right: true, from: "sm", cell: ({ cost_usd: usd }) => <Money usd={usd} /> },
    { id: "first", width: "72px", head: "First", right: true, from: "md", cell: ({ timings }) => <Duration ms={timings?.first_token_ms} /> },
    { id: "total", width: "72px", head: "Total", right: true, from: "sm", cell: ({ timings }) => <Duration ms={timings?.total_ms} /> },
  ];
}
