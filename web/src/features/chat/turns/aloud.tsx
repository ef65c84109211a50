"use client";

import { useEffect, useRef, useState } from "react";

import { answerText } from "./rows";
import { answerNow, type Live } from "../stream/live";
import { NOTHING_YET } from "../stream/reduce";
import { useReading } from "@/lib/browser";
import { spoken } from "@/lib/markdown/spoken";
import { lex, splitting } from "@/lib/markdown/split";

const EVERY_MS = 500;
/** Paragraphs that stay for a reader who is behind. */
const KEPT = 50;

/** Tells a screen reader each paragraph of an answer once it can no longer change, for who wishes it. */
export function Aloud({ running }: { running: Live | undefined }) {
  const [told, setTold] = useState<{ id: string; text: string }[]>([]);
  const live = useReading() === "paragraphs" ? running : undefined;
  const id = live?.id;
  // The same answer is another object each time its state changes.
  const latest = useRef(live);
  useEffect(() => {
    latest.current = live;
  });
  useEffect(() => {
    if (id === undefined) {
      return;
    }
    const split = splitting();
    let count = 0;
    const tell = (over: boolean) => {
      const { settled, tail } = split(answerText(answerNow(latest.current, NOTHING_YET)));
      const tokens = [...settled.flat(), ...(over ? lex(tail) : [])];
      const fresh = tokens.slice(count).flatMap((token, at) => {
        const text = spoken(token);
        return text ? { id: `${id} ${count + at}`, text } : [];
      });
      count = tokens.length;
      if (fresh.length > 0) {
        setTold((before) => [...before, ...fresh].slice(-KEPT));
      }
    };
    const timer = setInterval(tell, EVERY_MS, false);
    return () => {
      clearInterval(timer);
      tell(true);
    };
  }, [id]);
  return (
    <div role="log" aria-label="Answer as it settles" className="sr-only">
      {told.map(({ id: key, text }) => (
        <p key={key}>{text}</p>
      ))}
    </div>
  );
}
