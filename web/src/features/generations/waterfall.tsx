"use client";

import clsx from "clsx";

import { barsOf, type Bar } from "./bars";
import { Badge } from "@/components/badge";
import { ticks } from "@/components/chart/scale";
import { Money } from "@/components/numbers";
import type { Attempt } from "@/lib/contract";
import { duration, words } from "@/lib/format";

/** Upstream tries in time: hatched is waiting for the first token, solid is streaming. */
export function Waterfall({ attempts, from, narrow = false }: { attempts: Attempt[]; from: string | undefined; narrow?: boolean }) {
  if (attempts.length === 0) {
    return <p className="text-text-2">It was refused before any provider was tried.</p>;
  }
  const { bars, spanMs } = barsOf(attempts, from);
  const marks = ticks(spanMs).filter((mark) => mark <= spanMs);
  return (
    <table className="w-full border-separate border-spacing-0">
      <caption className="sr-only">Attempts in time</caption>
      <thead className="text-note text-text-2">
        <tr>
          <th scope="col" className={clsx("pb-1 text-left font-medium", narrow ? "w-36" : "w-56 max-sm:w-32")}>
            Kind and provider
          </th>
          <th scope="col" className="relative h-6 font-normal">
            <span className="sr-only">Time</span>
            {marks.map((mark, at) => (
              <span
                key={mark}
                aria-hidden
                className={clsx("absolute top-0", at > 0 && "-translate-x-1/2", at > 0 && at < marks.length - 1 && "max-sm:hidden")}
                style={{ left: `${(mark / spanMs) * 100}%` }}
              >
                {mark === 0 ? "0" : duration(mark)}
              </span>
            ))}
          </th>
          <th scope="col" className="w-20 pb-1 text-right font-medium">
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.attempt.index} className="h-10">
            <td className="border-t border-line pr-2">
              <span className="flex items-center gap-2">
                <Outcome attempt={bar.attempt} />
                <span className="truncate">
                  {words(bar.attempt.kind)} · {bar.attempt.provider}
                </span>
              </span>
            </td>
            <td className="border-t border-line">
              <Track bar={bar} />
            </td>
            <td className="border-t border-line text-right">
              <Money usd={bar.attempt.cost_usd} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Outcome({ attempt }: { attempt: Attempt }) {
  if (attempt.won) {
    return <Badge tone="good">won</Badge>;
  }
  if (attempt.error_reason) {
    return (
      <Badge tone="bad" title={words(attempt.error_reason)}>
        {attempt.http_status ?? "failed"}
      </Badge>
    );
  }
  return attempt.end_time ? <Badge>lost</Badge> : <Badge tone="accent">running</Badge>;
}

function Track({ bar }: { bar: Bar }) {
  const { start, first, end, attempt } = bar;
  const percent = (part: number) => `${(part * 100).toFixed(2)}%`;
  const words = [`begun after ${duration(bar.startMs)}`, bar.waitMs !== undefined && `waited ${duration(bar.waitMs)}`, bar.totalMs !== undefined && `took ${duration(bar.totalMs)}`];
  return (
    <span className="relative block h-2.5" title={words.filter(Boolean).join(", ")}>
      <span className="sr-only">{words.filter(Boolean).join(", ")}</span>
      <span
        className={clsx("hatched absolute h-2.5 min-w-0.5 rounded-l-xs", attempt.won ? "text-accent" : attempt.error_reason ? "text-bad" : "text-line-strong")}
        style={{ left: percent(start), width: percent((first ?? end) - start) }}
      />
      {first !== undefined && (
        <span
          className={clsx("absolute h-2.5 min-w-0.5 rounded-r-xs", attempt.won ? "bg-accent" : "bg-line-strong")}
          style={{ left: percent(first), width: percent(Math.max(0, end - first)) }}
        />
      )}
    </span>
  );
}
