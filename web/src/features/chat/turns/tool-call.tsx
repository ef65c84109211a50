"use client";

import clsx from "clsx";
import { ChevronRight, Wrench } from "lucide-react";
import { useState } from "react";

import { Picture } from "./picture";
import { textOf } from "./rows";
import { Dot } from "@/components/badge";
import type { ToolCall, ToolResult } from "@/lib/contract";
import { duration } from "@/lib/format";

interface Props {
  call: ToolCall;
  result: ToolResult | undefined;
  took: number;
  live: boolean;
}

const SHOWN = 64 << 10;

/** A call of a tool in one line; its arguments and its result when opened. */
export function Call({ call, result, took, live }: Props) {
  const failed = result?.is_error === true;
  const [opened, setOpen] = useState<boolean>();
  const open = opened ?? failed;
  const [tone, state] = stateOf(call, result, live);
  return (
    <section aria-label={`Call of ${call.name ?? "a tool"}`} className="overflow-hidden rounded-card border border-line bg-surface">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-9 w-full items-center gap-2.5 px-3 text-left -outline-offset-2 hover:bg-hover"
      >
        <Dot tone={tone} />
        <Wrench size={16} strokeWidth={1.6} aria-hidden className="shrink-0" />
        <span className="font-mono">{call.name}</span>
        <span className="min-w-0 grow truncate text-text-2">{oneLine(call.arguments ?? "")}</span>
        <span className="shrink-0 text-note text-text-2">
          {state}
          {took > 100 && ` · ${duration(took)}`}
        </span>
        <ChevronRight size={16} strokeWidth={1.6} aria-hidden className={clsx("shrink-0", open && "rotate-90")} />
      </button>
      {open && (
        <>
          <Listing label="Arguments" text={pretty(call.arguments ?? "")} />
          {result && <Result result={result} />}
        </>
      )}
    </section>
  );
}

function stateOf(call: ToolCall, result: ToolResult | undefined, live: boolean) {
  if (live) {
    return ["accent", "Arguments are coming"] as const;
  }
  if (call.provider_executed) {
    return ["good", "Run by the provider"] as const;
  }
  if (!result) {
    return ["neutral", "Waits for a result"] as const;
  }
  return result.is_error ? (["bad", "Failed"] as const) : (["good", "Done"] as const);
}

function Result({ result: { content = [] } }: { result: ToolResult }) {
  const [whole, setWhole] = useState(false);
  const text = textOf(content);
  return (
    <>
      <Listing label="Result" text={pretty(whole ? text : text.slice(0, SHOWN))} />
      {!whole && text.length > SHOWN && (
        <button type="button" onClick={() => setWhole(true)} className="w-full border-t border-line py-1.5 text-text-2 hover:bg-hover">
          Show all {Math.round(text.length / 1000)} kB
        </button>
      )}
      {content.map((part, at) => "image" in part && <Picture key={at} image={part.image} alt="Result of the tool" />)}
    </>
  );
}

function Listing({ label, text }: { label: string; text: string }) {
  return (
    <div className="border-t border-line bg-sunken">
      <p className="px-3 pt-2 text-note text-text-2">{label}</p>
      <pre tabIndex={0} aria-label={label} className="max-h-80 overflow-auto px-3 pt-1 pb-2 font-mono text-code -outline-offset-2">
        {text}
      </pre>
    </div>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON with line breaks once it is whole; as it is until then. */
function pretty(text: string): string {
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}

/** Arguments in one line. */
export function oneLine(text: string): string {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) {
    return text;
  }
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${typeof one === "string" ? one : JSON.stringify(one)}`)
    .join(", ");
}
