"use client";

import Link from "next/link";

import type { Answer } from "../stream/reduce";
import { Popover } from "@/components/popover";
import type { Usage } from "@/lib/contract";
import { cost, count, duration, exactCost, speed, tokens } from "@/lib/format";

/** What an answer used, cost and took; all of it when opened. */
export function MetaLine({ answer, generation }: { answer: Answer; generation: string | undefined }) {
  const { end } = answer;
  if (!end) {
    return <p className="text-note text-text-3">{tokensSoFar(answer)}</p>;
  }
  const facts = end.kind === "stopped" ? {} : end.kind === "error" ? end.error : end.done;
  const { usage, cost_usd: usd } = facts;
  const timings = end.kind === "done" ? end.done.timings : undefined;
  const reason = end.kind === "done" ? end.done.finish_reason : undefined;
  if (end.kind === "error" && !usage) {
    return <span />;
  }
  const parts: [string, string][] = [
    ...(reason && reason !== "stop" ? [[REASONS[reason] ?? reason.replaceAll("_", " "), ""] as [string, string]] : []),
    [tokens(usage?.total_input_tokens), "in"],
    [tokens(usage?.total_output_tokens), "out"],
    [cost(usd), usd === undefined ? "cost unknown" : ""],
    ...(timings?.first_token_ms === undefined ? [] : [[duration(timings.first_token_ms), "to first token"] as [string, string]]),
    ...(speed(usage?.total_output_tokens, timings?.first_token_ms, timings?.total_ms)
      ? [[speed(usage?.total_output_tokens, timings?.first_token_ms, timings?.total_ms) ?? "", ""] as [string, string]]
      : []),
  ];
  return (
    <Popover
      label="What this answer used"
      className="w-72 p-3"
      trigger={(props) => (
        <button {...props} type="button" className="flex flex-wrap gap-x-3 rounded-badge text-left text-note text-text-3 hover:text-text-2">
          {parts.map(([value, unit], at) => (
            <span key={at}>
              <b className="font-medium text-text-2">{value}</b> {unit}
            </span>
          ))}
        </button>
      )}
    >
      {() => (
        <div className="flex flex-col gap-2">
          <dl className="grid grid-cols-[1fr_auto] gap-y-1">
            {classes(usage).map(([name, value]) => (
              <Fact key={name} name={name} value={count(value)} />
            ))}
            <Fact name="Cost" value={usd === undefined ? "– not known" : exactCost(usd)} />
            {usage?.source && <Fact name="Counts from" value={usage.source} />}
            {timings && <Fact name="Total time" value={duration(timings.total_ms)} />}
            {timings && <Fact name="Gateway’s own" value={duration(timings.overhead_ms)} />}
          </dl>
          {generation && (
            <Link href={`/generation/?id=${generation}`} className="text-accent-text underline">
              Open generation
            </Link>
          )}
        </div>
      )}
    </Popover>
  );
}

const REASONS: Record<string, string> = {
  cancelled: "Stopped",
  length: "Cut at the limit of tokens",
  budget_exceeded: "Budget reached, cut here",
  tool_calls: "Called tools",
  content_filter: "Stopped by a filter",
};

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-text-2">{name}</dt>
      <dd className="text-right">{value}</dd>
    </>
  );
}

/** Words that have come, where tokens are not yet known. */
function tokensSoFar({ blocks }: Answer): string {
  const characters = blocks.reduce((sum, { part }) => sum + ("text" in part ? part.text.length : 0), 0);
  return characters > 0 ? `about ${tokens(Math.ceil(characters / 4))} out so far` : "";
}

function classes(usage: Usage = {}): [string, number][] {
  const names: [string, number | undefined][] = [
    ["Input", usage.input_tokens],
    ["Cache read", usage.cache_read_tokens],
    ["Cache write", usage.cache_write_tokens],
    ["Cache write, 1 h", usage.cache_write_1h_tokens],
    ["Output", usage.output_tokens],
    ["Thinking", usage.reasoning_tokens],
    ["Sound in", usage.audio_input_tokens],
    ["Sound out", usage.audio_output_tokens],
    ["Images in", usage.image_input_tokens],
    ["Images out", usage.image_output_tokens],
    ["Web searches", usage.web_searches],
  ];
  return names.filter((entry): entry is [string, number] => entry[1] !== undefined);
}
