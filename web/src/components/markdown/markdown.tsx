"use client";

import { memo, useEffect, useRef, useState } from "react";
import type { Token } from "marked";
import remend from "remend";

import { BlockView } from "./blocks";
import { grouped, lex, splitting } from "@/lib/markdown/split";

/** An answer's text. What is settled is never parsed or drawn again while the rest arrives. */
export const Markdown = memo(function Markdown({ text, live = false }: { text: string; live?: boolean }) {
  const [splitter] = useState(splitting);
  const split = splitter(text);
  // What is not yet closed is drawn as if it were. A block stays in its group when it settles, so it is not made anew.
  const groups = grouped(split.settled, lex(live ? remend(split.tail) : split.tail));
  return (
    <div className="text-body break-words">
      {groups.map((tokens, at) => (
        <Group key={at} tokens={tokens} passed={at < groups.length - 1 && tokens === split.settled[at]} live={live && at === groups.length - 1} />
      ))}
    </div>
  );
});

interface GroupProps {
  tokens: Token[];
  /** It will not change: out of sight, it is neither laid out nor painted. */
  passed: boolean;
  /** Its last block is being written. */
  live: boolean;
}

const Group = memo(function Group({ tokens, passed, live }: GroupProps) {
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  useEffect(() => {
    if (!passed || !box.current) {
      return;
    }
    // Its height out of sight is the one that it had, or all that stands below would move.
    const measure = new ResizeObserver(([entry]) => {
      setHeight(entry?.borderBoxSize[0]?.blockSize ?? 0);
      measure.disconnect();
    });
    measure.observe(box.current);
    return () => measure.disconnect();
  }, [passed]);
  return (
    <div
      ref={box}
      className={`pb-3 last:pb-0 ${passed && height > 0 ? "passed" : ""}`}
      {...(passed && height > 0 ? { style: { containIntrinsicBlockSize: `auto ${height}px` } } : {})}
    >
      {tokens.map((token, at) => (
        <Block key={at} token={token} live={live && at === tokens.length - 1} />
      ))}
    </div>
  );
});

const Block = memo(
  function Block({ token, live }: { token: Token; live: boolean }) {
    return (
      <div className="not-first:mt-3">
        <BlockView token={token} live={live} />
      </div>
    );
  },
  (before, after) =>
    before.live === after.live &&
    (before.token === after.token || (before.token.type === after.token.type && before.token.raw === after.token.raw)),
);
