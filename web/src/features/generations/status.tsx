import { Badge, type Tone } from "@/components/badge";
import type { Generation } from "@/lib/contract";
import { words } from "@/lib/format";

const STATES: Record<string, [string, Tone]> = {
  admitted: ["Running", "accent"],
  completed: ["Done", "good"],
  cancelled: ["Stopped", "neutral"],
  failed: ["Failed", "bad"],
  interrupted: ["Interrupted", "bad"],
  unknown: ["Unknown", "warn"],
};

/** How a generation stands, in a word. */
export function Status({ generation }: { generation: Generation }) {
  const [name, tone] = STATES[generation.state ?? "unknown"] ?? ["Unknown", "warn"];
  const tries = generation.attempt_count ?? 0;
  return (
    <span className="inline-flex items-center gap-1">
      <Badge tone={tone} title={words(generation.error_reason)}>
        {name}
      </Badge>
      {tries > 1 && <Badge title={`${tries} upstream tries`}>{tries} tries</Badge>}
    </span>
  );
}
