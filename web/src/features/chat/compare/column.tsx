"use client";

import clsx from "clsx";
import { Square } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";

import type { Lockstep } from "./lockstep";
import { stop, type Live } from "../stream/live";
import { AnswerView } from "../turns/answer";
import { usePin } from "../turns/pin";
import { ToLatest } from "../turns/progress";
import { Button } from "@/components/button";
import type { ToolResult } from "@/lib/contract";
import { duration } from "@/lib/format";

const NO_RESULTS = new Map<string, ToolResult>();

interface Props {
  model: string;
  live: Live | undefined;
  all: (Live | undefined)[];
  lockstep: Lockstep;
  /** Where there is room for one alone, it is another. */
  away: boolean;
}

/** One model's answer, which is followed until one scrolls. */
export function Column({ model, live, all, lockstep: { join, moved }, away }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { pinned, pin, shift, inner, onScroll } = usePin(box, live?.id ?? "", live !== undefined);
  useEffect(() => join(shift), [join, shift]);
  return (
    <div className={clsx("relative flex min-w-0 flex-1 flex-col border-line md:not-last:border-r", away && "max-md:hidden")}>
      <section
        ref={box}
        tabIndex={0}
        aria-label={model}
        onScroll={() => moved(shift, onScroll())}
        className="min-h-0 grow overflow-y-auto p-4 [overflow-anchor:none] -outline-offset-2"
      >
        <div ref={inner}>{live ? <Answered live={live} all={all} /> : <p className="text-text-2">Its answer will stand here.</p>}</div>
      </section>
      {live && !pinned && <ToLatest running={live.answer.end ? undefined : live} onClick={pin} />}
    </div>
  );
}

function Answered({ live, all }: { live: Live; all: (Live | undefined)[] }) {
  const router = useRouter();
  const ended = all.every((one) => one?.answer.end);
  const best = (value: (one: Live | undefined) => number | undefined) =>
    ended && value(live) !== undefined && all.every((one) => (value(one) ?? Infinity) >= (value(live) ?? 0));
  return (
    <div className="mx-auto flex max-w-160 flex-col gap-3">
      <AnswerView row={{ kind: "answer", id: live.id, number: 1, answer: live.answer, model: live.model, results: NO_RESULTS, live }} />
      {live.answer.end ? (
        <div className="flex flex-wrap items-center gap-3 text-note text-text-2">
          {best(firstOf) && <b className="text-good">Fastest, {duration(firstOf(live))}</b>}
          {best(costOf) && <b className="text-good">Cheapest</b>}
          <Button onClick={() => router.push(`/chat/?session=${live.session}`)}>Continue with this</Button>
        </div>
      ) : (
        <Button icon={Square} className="self-start" aria-label={`Stop ${live.model}`} onClick={() => void stop(live.id)}>
          Stop
        </Button>
      )}
    </div>
  );
}

export function costOf(live: Live | undefined): number | undefined {
  const end = live?.answer.end;
  return end?.kind === "done" ? end.done.cost_usd : end?.kind === "error" ? end.error.cost_usd : undefined;
}

function firstOf(live: Live | undefined): number | undefined {
  const end = live?.answer.end;
  return end?.kind === "done" ? end.done.timings?.first_token_ms : undefined;
}
