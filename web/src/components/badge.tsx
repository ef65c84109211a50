import clsx from "clsx";
import type { ReactNode } from "react";

import { author } from "@/lib/models";
import { authorColour, FILLS } from "@/lib/series";

const TONES = {
  neutral: "border-line bg-sunken text-text-2",
  accent: "border-transparent bg-accent-soft text-accent-text",
  good: "border-transparent bg-good-soft text-good",
  warn: "border-transparent bg-warn-soft text-warn",
  bad: "border-transparent bg-bad-soft text-bad",
} as const;

export type Tone = keyof typeof TONES;

/** A word beside a thing. */
export function Badge({ tone = "neutral", title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span
      title={title}
      className={clsx("inline-flex h-5 items-center rounded-badge border px-1.5 text-note font-medium whitespace-nowrap", TONES[tone])}
    >
      {children}
    </span>
  );
}

/** An author's monogram, in their colour. */
export function Tile({ id }: { id: string }) {
  const name = author(id);
  return (
    <span
      aria-hidden
      className={clsx(
        "inline-flex size-4.5 shrink-0 items-center justify-center rounded-tile text-note font-semibold text-on-series",
        FILLS[authorColour(name)],
      )}
    >
      {name.charAt(0).toUpperCase()}
    </span>
  );
}

const DOTS = { neutral: "bg-line-strong", accent: "bg-accent", good: "bg-good", warn: "bg-warn", bad: "bg-bad" } as const;

/** A state's colour; its word stands beside it. */
export function Dot({ tone }: { tone: Tone }) {
  return <span aria-hidden className={clsx("inline-block size-2 shrink-0 rounded-full", DOTS[tone])} />;
}

/** How much of something is used up: spent solid, held in reserve hatched. */
export function Meter({ label, spent, reserved = 0, limit }: { label: string; spent: number; reserved?: number; limit: number }) {
  const part = (amount: number) => (limit > 0 ? Math.min(100, (amount / limit) * 100) : 100);
  const used = part(spent);
  const tone = used >= 100 ? "text-bad" : used >= 80 ? "text-warn" : "text-accent";
  return (
    <span
      role="meter"
      aria-label={label}
      aria-valuenow={Math.round(used)}
      aria-valuemin={0}
      aria-valuemax={100}
      className={clsx("flex h-1 w-full overflow-hidden rounded-full bg-line", tone)}
    >
      <span className="bg-current" style={{ width: `${used}%` }} />
      <span className="hatched" style={{ width: `${Math.min(100 - used, part(reserved))}%` }} />
    </span>
  );
}
