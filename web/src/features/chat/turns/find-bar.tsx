"use client";

import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from "react";

import { mark, turnsWith, unmark } from "./find";
import type { Row } from "./rows";
import { IconButton } from "@/components/button";
import { Input } from "@/components/field";

interface Props {
  box: RefObject<HTMLElement | null>;
  rows: Row[];
  /** Brings a turn into view. */
  onShow: (turn: number) => void;
  /** Reads older turns; absent once all are there. */
  onOlder?: (() => void) | undefined;
  onClose: () => void;
}

/** Seeks words in a session: in the turns that are here at once, in older ones as they come. */
export function FindBar({ box, rows, onShow, onOlder, onClose }: Props) {
  /** The turn that is to come into view once it is drawn. */
  const wanted = useRef<number>(undefined);
  const redraw = useRef<() => void>(undefined);
  const [words, setWords] = useState("");
  const [id, setId] = useState<string>();
  const turns = useMemo(() => turnsWith(rows, words), [rows, words]);
  // Older turns that come move the places, not the turn that is looked at.
  const at = turns.findIndex((turn) => rows[turn]?.id === id);
  useEffect(() => {
    if (words !== "") {
      onOlder?.();
    }
  }, [words, onOlder, rows]);
  useEffect(() => {
    const scroller = box.current;
    if (!scroller) {
      return;
    }
    // Rows are drawn and words come as one scrolls and reads.
    let frame = 0;
    const again = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        if (mark(scroller, words, wanted.current)) {
          wanted.current = undefined;
        }
      });
    };
    redraw.current = again;
    again();
    const changes = new MutationObserver(again);
    changes.observe(scroller, { childList: true, characterData: true, subtree: true });
    return () => {
      changes.disconnect();
      cancelAnimationFrame(frame);
      unmark();
    };
  }, [box, words]);

  function show(turn: number | undefined) {
    if (turn === undefined) {
      return;
    }
    setId(rows[turn]?.id);
    wanted.current = turn;
    onShow(turn);
    redraw.current?.();
  }
  const step = (by: 1 | -1) => show(turns.at(at < 0 ? -1 : (at + by) % turns.length));
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    }
  }
  const count = turns.length === 1 ? "1 turn" : `${turns.length} turns`;
  const more = onOlder ? ", reading older" : "";
  return (
    <search className="absolute top-2 right-2 z-20 flex max-w-[calc(100%-16px)] items-center gap-1 rounded-card border border-line bg-raised p-1.5 shadow-3 sm:right-4">
      <Input
        autoFocus
        type="search"
        data-find
        aria-label="Search this chat"
        placeholder="Search this chat"
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setId(undefined);
        }}
        onKeyDown={onKeyDown}
        className="w-44 shrink"
      />
      <p role="status" className="min-w-20 shrink-0 px-1 text-note whitespace-nowrap text-text-2">
        {words !== "" && (at < 0 ? count : `${at + 1} of ${count}`) + more}
      </p>
      <IconButton icon={ChevronUp} label="Previous (Shift Enter)" disabled={turns.length === 0} onClick={() => step(-1)} />
      <IconButton icon={ChevronDown} label="Next (Enter)" disabled={turns.length === 0} onClick={() => step(1)} />
      <IconButton icon={X} label="Close (Esc)" onClick={onClose} />
    </search>
  );
}
