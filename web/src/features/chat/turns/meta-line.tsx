"use client";

import dynamic from "next/dynamic";
import Link from "next/link";

import type { Answer } from "../stream/reduce";
import { Popover } from "@/components/popover";
import { Problem, Skeleton } from "@/components/states";
import { cost, duration, exactCost, speed, tokens } from "@/lib/format";
import { useGeneration } from "@/lib/generations";

const CostSheet = dynamic(() => import("@/components/cost-sheet").then((file) => file.CostSheet), { ssr: false });

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
      className="w-96 p-3"
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
          {generation ? <Sheet generation={generation} /> : <p className="text-text-2">{exactCost(usd)}</p>}
          {timings && (
            <p className="text-note text-text-2">
              {duration(timings.total_ms)} in all, {duration(timings.overhead_ms)} of it the gateway’s own
            </p>
          )}
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

/** The arithmetic of an answer's cost, read when it is looked at. */
function Sheet({ generation }: { generation: string }) {
  const answer = useGeneration(generation);
  if (answer.isError) {
    return <Problem error={answer.error} retry={() => void answer.refetch()} />;
  }
  return answer.data ? <CostSheet answer={answer.data} /> : <Skeleton className="h-32" />;
}

/** Words that have come, where tokens are not yet known. */
function tokensSoFar({ blocks }: Answer): string {
  const characters = blocks.reduce((sum, { part }) => sum + ("text" in part ? part.text.length : 0), 0);
  return characters > 0 ? `about ${tokens(Math.ceil(characters / 4))} out so far` : "";
}
