"use client";

import { ProblemDetail } from "@/components/problem";
import { QUIET } from "@/components/styles";
import type { Citation } from "@/lib/contract";

import type { Turn } from "./conversation";
import { MetaLine } from "./meta-line";
import { PartView } from "./part";

/** A prompt and its answer. */
export function TurnView({ turn, retry }: { turn: Turn; retry?: (() => void) | undefined }) {
  const { answer } = turn;
  const { meta, end, blocks } = answer;
  return (
    <article className="flex flex-col gap-3">
      <p className="max-w-[85%] self-end rounded-bubble rounded-br-sm bg-bubble px-4 py-2 text-body break-words whitespace-pre-wrap">
        {turn.prompt}
      </p>
      <Header turn={turn} />
      {!!meta.warnings?.length && (
        <details className="rounded-control bg-warn-soft px-3 py-1.5 text-warn">
          <summary>{meta.warnings.length === 1 ? "1 note" : `${meta.warnings.length} notes`}</summary>
          <ul>
            {meta.warnings.map(({ message, field }, at) => (
              <li key={at}>{field ? `${field}: ${message ?? ""}` : message}</li>
            ))}
          </ul>
        </details>
      )}
      {blocks.map(({ block, part }, at) => (
        <PartView key={block} part={part} live={!end && at === blocks.length - 1} />
      ))}
      {!end && blocks.length === 0 && <p className="caret text-body" aria-label="Waiting for the first word" />}
      <Sources citations={answer.citations} />
      {end?.kind === "error" && <ProblemDetail detail={end.error} retry={retry} />}
      {end && (
        <div className="flex flex-wrap items-center gap-2">
          <MetaLine answer={answer} />
          {retry && end.kind !== "error" && (
            <button type="button" onClick={retry} className={`${QUIET} ml-auto`}>
              Try again
            </button>
          )}
        </div>
      )}
    </article>
  );
}

function Header({ turn }: { turn: Turn }) {
  const { model, provider, upstream_provider: upstream } = turn.answer.meta;
  const resolved = model?.resolved || turn.model;
  return (
    <p className="font-medium">
      {resolved}
      {provider && (
        <span className="font-normal text-text-2">
          {" "}
          via {provider}
          {upstream && upstream.toLowerCase() !== provider.toLowerCase() && `, ${upstream}`}
          {model?.requested && model.requested !== resolved && ` · asked for ${model.requested}`}
        </span>
      )}
    </p>
  );
}

function Sources({ citations }: { citations: Citation[] }) {
  const unique = [...new Map(citations.map((citation) => [citation.url || citation.title, citation])).values()];
  if (unique.length === 0) {
    return null;
  }
  return (
    <ol aria-label="Sources" className="flex flex-wrap gap-2">
      {unique.map(({ url = "", title, quote }, at) => (
        <li key={at} title={quote} className="max-w-60 truncate rounded-control border border-line bg-surface px-2 py-1">
          {at + 1} ·{" "}
          {/^https?:\/\//.test(url) ? (
            <a href={url} target="_blank" rel="noopener noreferrer nofollow" className="underline">
              {title || new URL(url).host}
            </a>
          ) : (
            title || url
          )}
        </li>
      ))}
    </ol>
  );
}
