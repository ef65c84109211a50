"use client";

import { memo, useState } from "react";
import type { Token } from "marked";
import remend from "remend";

import { BlockView } from "./blocks";
import { EMPTY, grow, lex } from "@/lib/markdown/split";

/** An answer's text. What is settled is never parsed or drawn again while the rest arrives. */
export const Markdown = memo(function Markdown({ text, live = false }: { text: string; live?: boolean }) {
  const [kept, setKept] = useState({ text: "", split: EMPTY });
  const base = text.startsWith(kept.text) ? kept.split : EMPTY;
  const split = grow(base, text);
  if (split !== kept.split) {
    setKept({ text, split });
  }
  // What is not yet closed is drawn as if it were.
  const tail = lex(live ? remend(split.tail) : split.tail).filter(({ type }) => type !== "space");
  return (
    <div className="flex flex-col gap-3 text-body break-words">
      {split.settled.map((token, at) => (
        <Block key={at} token={token} settled={split.settled.length > 50} live={false} />
      ))}
      {tail.map((token, at) => (
        <Block
          key={split.settled.length + at}
          token={token}
          settled={false}
          live={live && at === tail.length - 1}
        />
      ))}
    </div>
  );
});

const Block = memo(
  function Block({ token, settled, live }: { token: Token; settled: boolean; live: boolean }) {
    return (
      <div className={settled ? "settled" : undefined}>
        <BlockView token={token} live={live} />
      </div>
    );
  },
  (before, after) =>
    before.live === after.live &&
    before.settled === after.settled &&
    (before.token === after.token || (before.token.type === after.token.type && before.token.raw === after.token.raw)),
);
