"use client";

import { createContext, use, type ReactNode } from "react";

import { Popover } from "@/components/popover";
import { safeHref } from "@/lib/markdown/links";
import { cutAtMarks, type Source } from "@/lib/markdown/marks";

/** The sources that marks in a text stand for. */
export const Sources = createContext<readonly Source[]>([]);

/** A text with its marks as buttons. */
export function withMarks(text: string): ReactNode {
  const pieces = cutAtMarks(text);
  return pieces.some((piece) => typeof piece === "number")
    ? pieces.map((piece, at) => (typeof piece === "number" ? <SourceMark key={at} number={piece} /> : piece))
    : text;
}

function SourceMark({ number }: { number: number }) {
  const source = use(Sources).find((known) => known.number === number);
  if (!source) {
    return null;
  }
  const { url = "", title, quote } = source;
  const address = safeHref(url);
  const name = title || address?.host || url;
  return (
    <Popover
      label={`Source ${number}`}
      className="w-72 p-3"
      trigger={(props) => (
        <button
          {...props}
          type="button"
          aria-label={`Source ${number}: ${name}`}
          title={[name, address?.host, quote].filter(Boolean).join("\n")}
          className="mx-0.5 inline-flex size-4 items-center justify-center rounded-badge bg-accent-soft align-super text-mark font-medium text-accent-text hover:bg-hover"
        >
          {number}
        </button>
      )}
    >
      {() => (
        <div className="flex flex-col gap-1 text-ui">
          {address ? (
            <a href={address.href} target="_blank" rel="noopener noreferrer nofollow" className="font-medium break-words underline">
              {name}
            </a>
          ) : (
            <b className="font-medium">{name}</b>
          )}
          {address && <span className="truncate text-note text-text-2">{address.host}</span>}
          {quote && <q className="text-text-2">{quote}</q>}
        </div>
      )}
    </Popover>
  );
}
