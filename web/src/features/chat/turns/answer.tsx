"use client";

import { FastForward, RefreshCw } from "lucide-react";
import { memo, useEffect, useMemo, useState } from "react";

import { Branches } from "./branches";
import { MetaLine } from "./meta-line";
import { PartView } from "./part";
import { Refusal } from "./refusal";
import { ResultsForm } from "./results-form";
import { answerText, textOf, waitingCalls, type AnswerRow } from "./rows";
import { SourceList } from "./sources";
import type { Live } from "../stream/live";
import type { Answer } from "../stream/reduce";
import { useAnswer } from "../stream/use-live";
import { Tile } from "@/components/badge";
import { IconButton } from "@/components/button";
import { CopyButton } from "@/components/numbers";
import { Sources } from "@/components/markdown/source-mark";
import type { ContentPart } from "@/lib/contract";
import { duration } from "@/lib/format";
import { marked, sourcesOf } from "@/lib/markdown/marks";
import { shortName, useCatalog } from "@/lib/models";

interface Props {
  row: AnswerRow;
  /** What can be done with the last answer, once it has ended. */
  onAgain?: (model?: string) => void;
  onContinue?: () => void;
  onResults?: (results: ContentPart[]) => Promise<unknown>;
  onWalk?: (sibling: string) => Promise<void>;
}

/** What was answered: a full column, its blocks in the order of the stream. */
export const AnswerView = memo(function AnswerView({ row: drawn, onAgain, onContinue, onResults, onWalk }: Props) {
  const { live, stored } = drawn;
  const answer = useAnswer(live, drawn.answer);
  const row = { ...drawn, answer };
  const { blocks, end, meta } = answer;
  const text = end ? answerText(answer) : "";
  const calls = onResults ? waitingCalls(row) : [];
  return (
    <article tabIndex={-1} aria-label={`Answer ${row.number}, ${row.model}`} aria-busy={!end} className="flex min-w-0 flex-col gap-3">
      <Heading row={row} />
      <Notes row={row} />
      <AnswerBlocks row={row} live={!end} />
      {!end && live && <Waiting live={live} empty={blocks.length === 0} />}
      {onResults && calls.length > 0 && <ResultsForm calls={calls} onSend={onResults} />}
      {end?.kind === "error" && <Refusal error={end.error} fresh={live !== undefined} onAgain={onAgain} />}
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2">
        <MetaLine answer={answer} generation={meta.generation_id} />
        {end && (
          <div className="flex items-center text-text-2">
            {text && <CopyButton text={text} label="Copy the answer" />}
            {onContinue && brokeOff(answer) && <IconButton icon={FastForward} label="Continue the answer" onClick={onContinue} />}
            {onAgain && <IconButton icon={RefreshCw} label="Regenerate" onClick={() => onAgain()} />}
            {onWalk && <Branches id={row.id} siblings={stored?.sibling_ids} noun="Answer" onWalk={onWalk} />}
          </div>
        )}
      </div>
    </article>
  );
});

/** What an answer says, with its sources; `live` where its last block is still being written. */
export function AnswerBlocks({ row, live }: { row: AnswerRow; live: boolean }) {
  const { blocks, citations } = row.answer;
  // Apart, because all marks are drawn anew when it changes.
  const sources = useMemo(() => sourcesOf(citations), [citations]);
  const texts = useMemo(() => marked(blocks.map(({ part }) => textOf([part])), citations), [blocks, citations]);
  return (
    <>
      <Sources value={sources}>
        {blocks.map((block, at) => (
          <PartView
            key={block.block}
            block={block}
            text={texts[at] ?? ""}
            result={"tool_call" in block.part ? row.results.get(block.part.tool_call.id ?? "") : undefined}
            live={live && at === blocks.length - 1}
          />
        ))}
      </Sources>
      <SourceList sources={sources} />
    </>
  );
}

/** It was stopped, or came to a limit, in the middle. */
function brokeOff({ end, blocks }: Answer): boolean {
  const reason = end?.kind === "done" ? end.done.finish_reason : undefined;
  return blocks.length > 0 && (end?.kind === "stopped" || reason === "cancelled" || reason === "length");
}

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
