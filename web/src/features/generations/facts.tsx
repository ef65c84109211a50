"use client";

import { Stat } from "@/components/states";
import { Duration, Money } from "@/components/numbers";
import type { Generation } from "@/lib/contract";
import { count, duration, speed } from "@/lib/format";

/** The four figures of a generation. */
export function Facts({ generation }: { generation: Generation }) {
  const { usage, timings } = generation;
  const { total_input_tokens: input, total_output_tokens: output, reasoning_tokens: thought } = usage ?? {};
  const sum = input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0);
  return (
    <div className="@container">
      <div className="grid grid-cols-2 gap-3 @3xl:grid-cols-4">
        <Stat name="Cost" value={<Money usd={generation.cost_usd} />} note={generation.cost_source?.replace("_", " ")} />
        <Stat name="Total" value={<Duration ms={timings?.total_ms} />} note={timings && `gateway’s own ${duration(timings.overhead_ms)}`} />
        <Stat
          name="First token"
          value={<Duration ms={timings?.first_token_ms} />}
          note={speed(output, timings?.first_token_ms, timings?.total_ms)}
        />
        <Stat name="Tokens" value={count(sum)} note={usage && `${count(input)} in · ${count(output)} out${thought ? `, ${count(thought)} thinking` : ""}`} />
      </div>
    </div>
  );
}
