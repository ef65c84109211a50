"use client";

import clsx from "clsx";
import { WrapText } from "lucide-react";
import { useEffect, useState } from "react";

import { IconButton } from "@/components/button";
import { CopyButton } from "@/components/numbers";
import { highlight, type Line } from "@/lib/highlight";

const FOLD_OVER = 40;
const FOLDED = 24;
const NEVER_OVER = 300_000;

/** A listing. Finished lines are coloured, the one that is being written is plain. */
export function CodeBlock({ code, language, live }: { code: string; language: string; live: boolean }) {
  const [wrap, setWrap] = useState(false);
  const [whole, setWhole] = useState(false);
  const coloured = useColours(live ? code.slice(0, code.lastIndexOf("\n") + 1) : code, language);
  const lines = code.split("\n");
  const folded = !live && !whole && lines.length > FOLD_OVER;
  return (
    <figure className="overflow-hidden rounded-card border border-line bg-surface">
      <figcaption className="flex h-9 items-center justify-between border-b border-line bg-sunken pr-1 pl-3 text-note text-text-2">
        {language || "text"}
        <span className="flex">
          <IconButton icon={WrapText} label="Wrap lines" aria-pressed={wrap} onClick={() => setWrap(!wrap)} />
          <CopyButton text={code} label="Copy code" />
        </span>
      </figcaption>
      <pre
        tabIndex={0}
        aria-label={`Code, ${language || "text"}`}
        className={clsx("overflow-x-auto px-3 py-2.5 font-mono text-code -outline-offset-2", wrap && "break-words whitespace-pre-wrap")}
      >
        <code>
          {(folded ? lines.slice(0, FOLDED) : lines).map((line, at) => (
            <span key={at}>
              {coloured[at]?.map(([text, colour], index) => (
                <span key={index} className={colour}>
                  {text}
                </span>
              )) ?? line}
              {"\n"}
            </span>
          ))}
        </code>
      </pre>
      {folded && (
        <button type="button" onClick={() => setWhole(true)} className="w-full border-t border-line py-1.5 text-text-2 hover:bg-hover">
          Show {lines.length - FOLDED} more lines
        </button>
      )}
    </figure>
  );
}

/** Lines with their colours, as far as they are known; colours stay until better ones come. */
function useColours(code: string, language: string): Line[] {
  const [lines, setLines] = useState<Line[]>([]);
  useEffect(() => {
    let live = true;
    if (language && code && code.length < NEVER_OVER) {
      void highlight(code, language).then((found) => live && found && setLines(found));
    }
    return () => {
      live = false;
    };
  }, [code, language]);
  return lines;
}
