"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";

import { AnswerView } from "./answer";
import { PromptView } from "./prompt";
import type { Chatting } from "../use-chat";
import { Button } from "@/components/button";
import { Skeleton } from "@/components/states";
import { useCommands } from "@/lib/commands";
import type { ContentPart } from "@/lib/contract";

/** A reader within this distance of the end is taken to follow it. */
const NEAR_PX = 48;
const OLDER_PX = 1200;

interface Props {
  chat: Chatting;
  onAgain: () => void;
  onContinue: () => void;
  onResults: (results: ContentPart[]) => Promise<unknown>;
  onEdit: (content: ContentPart[], parent: string | undefined) => Promise<unknown>;
}

/** The turns of a session; only those near the window are drawn. */
export function Transcript({ chat, onEdit, ...actions }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { rows, messages } = chat;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (rows[index]?.kind === "prompt" ? 90 : 280),
    getItemKey: (index) => rows[index]?.id ?? index,
    anchorTo: "end",
    overscan: 4,
    paddingStart: 24,
    paddingEnd: 24,
  });
  const waiting = messages.isPending && rows.length === 0;
  const { pinned, pin, inner, onScroll } = usePin(box, chat.id, !waiting);
  useCommands([{ id: "latest", title: "Jump to latest", group: "Here", keys: "mod+End", run: pin }]);

  // One's own words are always followed.
  const sent = rows.filter((row) => row.kind === "prompt").length;
  const fresh = chat.running?.id;
  useEffect(() => {
    if (fresh) {
      pin();
    }
  }, [fresh, sent, pin]);

  const { hasNextPage, isFetching, fetchNextPage } = messages;
  function older(top: number) {
    if (top < OLDER_PX && hasNextPage && !isFetching) {
      void fetchNextPage();
    }
  }
  if (waiting) {
    return (
      <div className="mx-auto flex w-full max-w-answer grow flex-col gap-7 px-4 py-6" aria-busy>
        <Skeleton className="h-16 w-1/2 self-end" />
        <Skeleton className="h-40" />
      </div>
    );
  }
  return (
    <div className="relative flex min-h-0 grow flex-col">
      <div
        ref={box}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Conversation"
        onScroll={(event) => {
          onScroll();
          older(event.currentTarget.scrollTop);
        }}
        className="min-h-0 grow overflow-y-auto px-4 [overflow-anchor:none] -outline-offset-2"
      >
        <div ref={inner} className="relative mx-auto max-w-answer" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) {
              return null;
            }
            return (
              <div
                key={item.key}
                data-index={item.index}
                ref={virtualizer.measureElement}
                className={`absolute inset-x-0 top-0 ${row.kind === "prompt" ? "pb-1" : "pb-7"}`}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row.kind === "prompt" ? (
                  <PromptView
                    row={row}
                    onWalk={chat.walk}
                    {...(row.stored && !chat.running ? { onEdit } : {})}
                  />
                ) : (
                  <AnswerView
                    row={row}
                    onWalk={chat.walk}
                    {...(item.index === rows.length - 1 && !chat.running ? actions : {})}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!pinned && (
        <Button icon={ArrowDown} onClick={pin} className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-2">
          Jump to latest
        </Button>
      )}
      <Announcer chat={chat} />
    </div>
  );
}

/** Follows the end for a reader who is there; an upward wheel, swipe or key ends that at once. */
function usePin(box: React.RefObject<HTMLDivElement | null>, session: string, ready: boolean) {
  const [pinned, setPinned] = useState(true);
  const following = useRef(true);
  const inner = useRef<HTMLDivElement>(null);
  const [follow] = useState(() => (value: boolean) => {
    following.current = value;
    setPinned(value);
  });
  const [pin] = useState(() => () => {
    follow(true);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  });
  useLayoutEffect(pin, [session, pin]);
  useEffect(() => {
    const scroller = box.current;
    if (!scroller || !inner.current) {
      return;
    }
    let touch = 0;
    const up = (away: boolean) => away && scroller.scrollHeight > scroller.clientHeight && follow(false);
    const onWheel = (event: WheelEvent) => up(event.deltaY < 0);
    const onKey = (event: KeyboardEvent) => up(["PageUp", "Home", "ArrowUp"].includes(event.key));
    const onStart = (event: TouchEvent) => (touch = event.touches[0]?.clientY ?? 0);
    const onMove = (event: TouchEvent) => up((event.touches[0]?.clientY ?? 0) > touch);
    scroller.addEventListener("wheel", onWheel, { passive: true });
    scroller.addEventListener("keydown", onKey);
    scroller.addEventListener("touchstart", onStart, { passive: true });
    scroller.addEventListener("touchmove", onMove, { passive: true });
    const grown = new ResizeObserver(() => {
      if (following.current) {
        scroller.scrollTop = scroller.scrollHeight;
      }
    });
    grown.observe(inner.current);
    grown.observe(scroller);
    return () => {
      grown.disconnect();
      scroller.removeEventListener("wheel", onWheel);
      scroller.removeEventListener("keydown", onKey);
      scroller.removeEventListener("touchstart", onStart);
      scroller.removeEventListener("touchmove", onMove);
    };
  }, [box, follow, ready]);
  const before = useRef(0);
  function onScroll() {
    const scroller = box.current;
    if (!scroller) {
      return;
    }
    const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
    const down = scroller.scrollTop > before.current;
    before.current = scroller.scrollTop;
    // Coming back to the end by hand follows it again; leaving it is told by the events above, or by the scrollbar.
    if (near && down && !following.current) {
      follow(true);
    }
  }
  return { pinned, pin, inner, onScroll };
}

/** Says when an answer begins and ends, never its words. */
function Announcer({ chat }: { chat: Chatting }) {
  const last = chat.rows.at(-1);
  const end = last?.kind === "answer" ? last.answer.end : undefined;
  const text = chat.running ? "Answering" : end?.kind === "done" ? "Answer complete" : end ? "The answer ended early" : "";
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}
