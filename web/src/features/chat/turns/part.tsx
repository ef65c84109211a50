"use client";

import clsx from "clsx";
import { ChevronRight, Wrench } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";

import type { Block } from "../stream/reduce";
import { Dot } from "@/components/badge";
import { Markdown } from "@/components/markdown/markdown";
import { RemoteImage } from "@/components/markdown/remote-image";
import type { Image, Reasoning, ToolCall } from "@/lib/contract";
import { duration } from "@/lib/format";

/** One block of an answer; `live` where it is still being written. */
export function PartView({ block, live }: { block: Block; live: boolean }): ReactNode {
  const { part } = block;
  if ("text" in part || "refusal" in part) {
    return <Markdown text={"text" in part ? part.text : part.refusal} live={live} />;
  }
  if ("reasoning" in part) {
    return <Thought reasoning={part.reasoning} took={block.to - block.from} live={live} />;
  }
  if ("tool_call" in part) {
    return <Call call={part.tool_call} took={block.to - block.from} live={live} />;
  }
  if ("image" in part) {
    return <Picture image={part.image} />;
  }
  if ("audio" in part) {
    const { data = "", format = "wav", transcript = "" } = part.audio;
    return (
      <figure className="flex flex-col gap-2">
        {!live && <audio controls src={`data:audio/${format};base64,${data}`} />}
        <figcaption>{transcript}</figcaption>
      </figure>
    );
  }
  return null;
}

/** Thinking: a fixed box while it arrives, one line afterwards, so that nothing below it is pushed about. */
function Thought({ reasoning, took, live }: { reasoning: Reasoning; took: number; live: boolean }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const text = reasoning.text?.trim() ?? "";
  useEffect(() => {
    if (live && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [live, text]);
  const time = took > 0 ? ` for ${duration(took)}` : "";
  if (live) {
    return (
      <section aria-label="Thinking">
        <p className="text-text-2">Thinking{took > 0 && ` ${duration(took)}`}</p>
        <div ref={box} className="h-20 overflow-hidden border-l-2 border-line pl-3 whitespace-pre-wrap text-text-2">
          {text}
        </div>
      </section>
    );
  }
  if (!text) {
    return <p className="text-text-2">Thought{time} · text withheld by the provider</p>;
  }
  return (
    <section>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex items-center gap-2 text-text-2 hover:text-text">
        <ChevronRight size={16} strokeWidth={1.6} aria-hidden className={clsx(open && "rotate-90")} />
        Thought{time}
      </button>
      {open && <div className="mt-2 border-l-2 border-line pl-3 break-words whitespace-pre-wrap text-text-2">{text}</div>}
    </section>
  );
}

/** A call of a tool: its arguments in one line, all of them when opened. */
function Call({ call, took, live }: { call: ToolCall; took: number; live: boolean }) {
  const [open, setOpen] = useState(false);
  const [tone, state] = live
    ? (["accent", "Arguments are coming"] as const)
    : call.provider_executed
      ? (["good", "Run by the provider"] as const)
      : (["neutral", "Waits for a result"] as const);
  return (
    <section className="overflow-hidden rounded-card border border-line bg-surface">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex h-9 w-full items-center gap-2.5 px-3 text-left -outline-offset-2 hover:bg-hover"
      >
        <Dot tone={tone} />
        <Wrench size={16} strokeWidth={1.6} aria-hidden className="shrink-0" />
        <span className="font-mono">{call.name}</span>
        <span className="min-w-0 grow truncate text-text-2">{oneLine(call.arguments ?? "")}</span>
        <span className="shrink-0 text-note text-text-2">{took > 100 ? duration(took) : state}</span>
        <ChevronRight size={16} strokeWidth={1.6} aria-hidden className={clsx("shrink-0", open && "rotate-90")} />
      </button>
      {open && (
        <pre tabIndex={0} className="overflow-x-auto border-t border-line bg-sunken px-3 py-2 font-mono text-code">
          {pretty(call.arguments ?? "")}
        </pre>
      )}
    </section>
  );
}

/** Only pictures that came with the answer are drawn: an address in it could carry data away. */
function Picture({ image }: { image: Image }) {
  const inline = "data" in image ? `data:${image.media_type || "image/png"};base64,${image.data}` : image.url;
  if (inline?.startsWith("data:image/")) {
    return (
      <a href={inline} download="picture.png" className="self-start">
        <img src={inline} alt="Generated picture" className="max-h-96 min-h-40 max-w-full rounded-card border border-line" />
      </a>
    );
  }
  return <RemoteImage href={inline ?? ""} alt="Generated picture" />;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Arguments with line breaks once they are whole; as they are until then. */
function pretty(text: string): string {
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}

function oneLine(text: string): string {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) {
    return text;
  }
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${typeof one === "string" ? one : JSON.stringify(one)}`)
    .join(", ");
}
