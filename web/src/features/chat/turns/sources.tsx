"use client";

import { useState } from "react";

import { safeHref } from "@/lib/markdown/links";
import type { Source } from "@/lib/markdown/marks";

const FOLD_OVER = 6;

/** What an answer rests on, each once. */
export function SourceList({ sources }: { sources: Source[] }) {
  const [whole, setWhole] = useState(false);
  if (sources.length === 0) {
    return null;
  }
  return (
    <ol aria-label="Sources" className="flex flex-wrap gap-2">
      {(whole ? sources : sources.slice(0, FOLD_OVER)).map(({ number, url = "", title, quote }) => {
        const address = safeHref(url);
        return (
          <li key={number} title={quote} className="flex max-w-60 flex-col rounded-control border border-line bg-surface px-2.5 py-1">
            {address ? (
              <a href={address.href} target="_blank" rel="noopener noreferrer nofollow" className="truncate font-medium hover:underline">
                {number} · {title || address.host}
              </a>
            ) : (
              <span className="truncate font-medium">
                {number} · {title || url}
              </span>
            )}
            <span className="truncate text-note text-text-2">{address?.host}</span>
          </li>
        );
      })}
      {!whole && sources.length > FOLD_OVER && (
        <li>
          <button type="button" onClick={() => setWhole(true)} className="h-full px-2 text-accent-text">
            Sources · {sources.length}
          </button>
        </li>
      )}
    </ol>
  );
}
