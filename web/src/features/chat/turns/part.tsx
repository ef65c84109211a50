"use client";

import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { Picture } from "./picture";
import { Call } from "./tool-call";
import type { Block } from "../stream/reduce";
import { Markdown } from "@/components/markdown/markdown";
import type { Reasoning, ToolResult } from "@/lib/contract";
import { duration } from "@/lib/format";

interface Props {
  block: Block;
  /** Its text with the marks of its sources, where it is one. */
  text: string;
  /** What its tool answered, where it is a call. */
  result: ToolResult | undefined;
  /** It is still being written. */
  live: boolean;
}

/** One block of an answer. */
export function PartView({ block, text, result, live }: Props): ReactNode {
  const { part } = block;
  if ("text" in part || "refusal" in part) {
    return <Markdown text={text} live={live} />;
  }
  if ("reasoning" in part) {
    return <Thought reasoning={part.reasoning} took={block.to - block.from} live={live} />;
  }
  if ("tool_call" in part) {
    return <Call call={part.tool_call} result={result} took={block.to - block.from} live={live} />;
  }
  if ("image" in part) {
    return <Picture image={part.image} alt="Generated picture" />;
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
