"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { IconButton } from "./button";
import { copy, useNow } from "@/lib/browser";
import { cost, count, duration, exactCost, relative, tokens, total, wholeMoment } from "@/lib/format";

/** An amount; all nine decimals when pointed at. */
export function Money({ usd, sum = false }: { usd: number | undefined; sum?: boolean }) {
  return <span title={usd === undefined ? "The cost is not known" : exactCost(usd)}>{sum ? total(usd) : cost(usd)}</span>;
}

export function Tokens({ value }: { value: number | undefined }) {
  return <span title={value === undefined ? "Not reported" : `${count(value)} tokens`}>{tokens(value)}</span>;
}

export function Duration({ ms }: { ms: number | undefined }) {
  return <span title={ms === undefined ? "Not measured" : `${ms.toFixed(1)} ms`}>{duration(ms)}</span>;
}

/** A moment as one speaks of it; the whole date when pointed at. */
export function When({ time }: { time: string | undefined }) {
  const now = useNow();
  if (!time) {
    return <span>–</span>;
  }
  return (
    <time dateTime={time} title={wholeMoment(time)}>
      {relative(time, now)}
    </time>
  );
}

/** Copies a text, and says that it did. */
export function CopyButton({ text, label = "Copy" }: { text: string | (() => string); label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    const timer = done ? setTimeout(() => setDone(false), 1500) : undefined;
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <>
      <IconButton
        icon={done ? Check : Copy}
        label={label}
        onClick={() => void copy(typeof text === "string" ? text : text()).then(() => setDone(true))}
      />
      <span role="status" className="sr-only">
        {done ? "Copied" : ""}
      </span>
    </>
  );
}

/** An id, its middle cut where it is long; whole on copy. */
export function CopyId({ id }: { id: string }) {
  const short = id.length > 24 ? `${id.slice(0, 12)}…${id.slice(-4)}` : id;
  return (
    <span className="inline-flex min-w-0 items-center font-mono text-text-2">
      <span title={id} className="truncate">
        {short}
      </span>
      <CopyButton text={id} label={`Copy ${id}`} />
    </span>
  );
}
