"use client";

import { RefreshCw } from "lucide-react";
import { memo, useEffect, useState } from "react";

import { Branches } from "./branches";
import { MetaLine } from "./meta-line";
import { PartView } from "./part";
import { textOf, type Row } from "./rows";
import type { Live } from "../stream/live";
import { Tile } from "@/components/badge";
import { IconButton } from "@/components/button";
import { CopyButton } from "@/components/numbers";
import { ProblemDetail } from "@/components/states";
import type { Citation } from "@/lib/contract";
import { duration } from "@/lib/format";
import { shortName, useCatalog } from "@/lib/models";

interface Props {
  row: Extract<Row, { kind: "answer" }>;
  number: number;
  onAgain?: () => void;
  onWalk?: (sibling: string) => Promise<void>;
}

/** What was answered: a full column, its blocks in the order of the stream. */
export const AnswerView = memo(function AnswerView({ row, number, onAgain, onWalk }: Props) {
  const { answer, live, stored } = row;
  const { blocks, end, meta } = answer;
  const text = textOf(blocks.map(({ part }) => part));
  return (
    <article aria-label={`Answer ${number}, ${row.model}`} aria-busy={!end} className="flex min-w-0 flex-col gap-3">
      <Heading row={row} />
      <Notes row={row} />
      {blocks.map((block, at) => (
        <PartView key={block.block} block={block} live={!end && at === blocks.length - 1} />
      ))}
      {!end && live && <Waiting live={live} empty={blocks.length === 0} />}
      <Sources citations={answer.citations} />
      {end?.kind === "error" && <ProblemDetail detail={end.error} retry={end.error.reason === "key_missing" ? undefined : onAgain} />}
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2">
        <MetaLine answer={answer} generation={meta.generation_id} />
        {end && (
          <div className="flex items-center text-text-2">
            {text && <CopyButton text={text} label="Copy the answer" />}
            {onAgain && <IconButton icon={RefreshCw} label="Regenerate" onClick={onAgain} />}
            {onWalk && <Branches id={row.id} siblings={stored?.sibling_ids} noun="Answer" onWalk={onWalk} />}
          </div>
        )}
      </div>
    </article>
  );
});

function Heading({ row }: { row: Props["row"] }) {
  const catalog = useCatalog();
  const { model, provider, upstream_provider: upstream } = row.answer.meta;
  const id = model?.resolved || row.model;
  const asked = model?.requested && model.requested !== id ? model : undefined;
  return (
    <p className="flex flex-wrap items-center gap-2">
      <Tile id={id} />
      <b className="font-semibold">{shortName(catalog.data?.byId.get(id), id)}</b>
      <span className="text-text-2">
        {provider && `via ${upstream && upstream.toLowerCase() !== provider.toLowerCase() ? `${provider}, ${upstream}` : provider}`}
        {asked && ` · asked for ${asked.requested}, resolved by ${(asked.rule ?? "").replaceAll("_", " ")}`}
      </span>
    </p>
  );
}

function Notes({ row }: { row: Props["row"] }) {
  const warnings = row.answer.meta.warnings ?? [];
  if (warnings.length === 0) {
    return null;
  }
  return (
    <details className="rounded-control bg-warn-soft px-3 py-1.5 text-warn">
      <summary>{warnings.length === 1 ? "1 note" : `${warnings.length} notes`}</summary>
      <ul className="pt-1">
        {warnings.map(({ message, field }, at) => (
          <li key={at}>{field ? `${field}: ${message ?? ""}` : message}</li>
        ))}
      </ul>
    </details>
  );
}

/** What is waited for, in words once it takes long. */
function Waiting({ live, empty }: { live: Live; empty: boolean }) {
  const [now, setNow] = useState(live.startedAt);
  useEffect(() => {
    const timer = empty ? setInterval(() => setNow(Date.now()), 100) : undefined;
    return () => clearInterval(timer);
  }, [empty]);
  if (live.lost) {
    return <p className="text-note text-text-2">Reconnecting · nothing is lost</p>;
  }
  if (live.stopping) {
    return <p className="text-note text-text-2">Stopping…</p>;
  }
  if (!empty) {
    return null;
  }
  const waited = now - live.startedAt;
  return (
    <p className="caret text-text-2">
      {waited > 300 && `Waiting for ${live.answer.meta.provider ?? "the gateway"} · ${duration(waited)}`}
    </p>
  );
}

const FOLD_SOURCES = 6;

function Sources({ citations }: { citations: Citation[] }) {
  const [whole, setWhole] = useState(false);
  const unique = [...new Map(citations.map((citation) => [citation.url || citation.title, citation])).values()];
  if (unique.length === 0) {
    return null;
  }
  return (
    <ol aria-label="Sources" className="flex flex-wrap gap-2">
      {(whole ? unique : unique.slice(0, FOLD_SOURCES)).map(({ url = "", title, quote }, at) => {
        const address = /^https?:\/\//.test(url) ? URL.parse(url) : null;
        return (
          <li key={at} title={quote} className="flex max-w-60 flex-col rounded-control border border-line bg-surface px-2.5 py-1">
            {address ? (
              <a href={address.href} target="_blank" rel="noopener noreferrer nofollow" className="truncate font-medium hover:underline">
                {at + 1} · {title || address.host}
              </a>
            ) : (
              <span className="truncate font-medium">
                {at + 1} · {title || url}
              </span>
            )}
            <span className="truncate text-note text-text-2">{address?.host}</span>
          </li>
        );
      })}
      {!whole && unique.length > FOLD_SOURCES && (
        <li>
          <button type="button" onClick={() => setWhole(true)} className="h-full px-2 text-accent-text">
            Sources · {unique.length}
          </button>
        </li>
      )}
    </ol>
  );
}
