"use client";

import type { Usage } from "@/lib/contract";
import { cost, duration, speed, tokens } from "@/lib/format";

import type { Answer } from "./reduce";

/** What an answer used, cost and took. */
export function MetaLine({ answer }: { answer: Answer }) {
  return <p className="text-note text-text-3">{facts(answer).join(" · ")}</p>;
}

function facts({ end }: Answer): string[] {
  if (!end || end.kind === "stopped") {
    return ["Stopped; what was used is on the usage page"];
  }
  if (end.kind === "error") {
    const { usage, cost_usd: usd } = end.error;
    return usage || usd !== undefined ? ["So far", ...counts(usage), cost(usd)] : [];
  }
  const { usage, cost_usd: usd, timings, finish_reason: reason } = end.done;
  const first = timings?.first_token_ms;
  return [
    ...(reason && reason !== "stop" ? [reason.replaceAll("_", " ")] : []),
    ...counts(usage),
    usd === undefined ? "cost unknown" : cost(usd),
    ...(first === undefined ? [] : [`${duration(first)} to the first word`]),
    speed(usage?.total_output_tokens, first, timings?.total_ms) ?? [],
  ].flat();
}

function counts(usage: Usage | undefined): string[] {
  return [`${tokens(usage?.total_input_tokens)} in`, `${tokens(usage?.total_output_tokens)} out`];
}
