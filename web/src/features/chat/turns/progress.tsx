"use client";

import { ArrowDown } from "lucide-react";
import { useEffect, useState } from "react";

import { answerText, type AnswerRow } from "./rows";
import { answerNow, type Live } from "../stream/live";
import { Button } from "@/components/button";
import { spokenCost, tokens } from "@/lib/format";

/** Says when an answer begins and ends and how far it has come, never its words. */
export function Announcer({ running, last }: { running: Live | undefined; last: AnswerRow | undefined }) {
  const words = useWords(running, 10_000);
  const named = running?.answer.meta.generation_id;
  const [heard, setHeard] = useState<string>();
  if (named && named !== heard) {
    setHeard(named);
  }
  // The end of one whose begin was not heard is no news.
  const over = heard && last?.answer.meta.generation_id === heard ? ending(last) : "";
  const text = running ? (words > 0 ? `Still answering, ${words} words` : "Answering") : over;
  return (
    <>
      <p role="status" className="sr-only">
        {text}
      </p>
      <p role="alert" className="sr-only">
        {running?.lost && "Connection lost, reconnecting"}
      </p>
    </>
  );
}

function ending({ answer: { end } }: AnswerRow): string {
  if (end?.kind !== "done") {
    return end ? "The answer ended early" : "";
  }
  const { usage, cost_usd: cost } = end.done;
  return [
    "Answer complete",
    usage?.total_output_tokens !== undefined && `${tokens(usage.total_output_tokens)} tokens`,
    spokenCost(cost),
  ]
    .filter(Boolean)
    .join(", ");
}

/** Back to the end, for a reader who has left it. */
export function ToLatest({ running, onClick }: { running: Live | undefined; onClick: () => void }) {
  const [from] = useState(() => (running ? wordsOf(running) : 0));
  const fresh = useWords(running, 500) - from;
  return (
    <Button icon={ArrowDown} onClick={onClick} className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-2">
      Jump to latest{running && fresh > 0 && ` · ${fresh} new words`}
    </Button>
  );
}

/** Words of a running answer, counted now and then: counting at each one would cost more than drawing it. */
function useWords(live: Live | undefined, everyMs: number): number {
  const [words, setWords] = useState(0);
  useEffect(() => {
    const timer = live && setInterval(() => setWords(wordsOf(live)), everyMs);
    return () => {
      clearInterval(timer);
      setWords(0);
    };
  }, [live, everyMs]);
  return words;
}

function wordsOf(live: Live): number {
  return answerText(answerNow(live, live.answer)).match(/\S+/g)?.length ?? 0;
}
