"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import dynamic from "next/dynamic";
import { useCallback, useEffect, useRef, useState } from "react";

import { AnswerView } from "./answer";
import { usePin } from "./pin";
import { ToLatest } from "./progress";
import { PromptView } from "./prompt";
import { useTurnKeys } from "./turn-keys";
import type { Chatting } from "../use-chat";
import { Skeleton } from "@/components/states";
import { useCommands } from "@/lib/commands";
import type { ContentPart } from "@/lib/contract";

const FindBar = dynamic(() => import("./find-bar").then((file) => file.FindBar), { ssr: false });

const OLDER_PX = 1200;

interface Props {
  chat: Chatting;
  onAgain: (model?: string) => void;
  onContinue: () => void;
  onResults: (results: ContentPart[]) => Promise<unknown>;
  onEdit: (content: ContentPart[], parent: string | undefined) => Promise<unknown>;
}

/** The turns of a session; only those near the window are drawn. */
export function Transcript({ chat, onEdit, ...actions }: Props) {
  const box = useRef<HTMLDivElement>(null);
  /** The session in which words are sought. */
  const [finding, setFinding] = useState<string>();
  const { rows, messages } = chat;
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (rows[index]?.kind === "prompt" ? 90 : 280),
    // A new function would have all rows measured anew.
    getItemKey: useCallback((index: number) => rows[index]?.id ?? index, [rows]),
    anchorTo: "end",
    // A row that grows moves what is below it without drawing any row anew.
    directDomUpdates: true,
    overscan: 4,
    paddingStart: 24,
    paddingEnd: 24,
  });
  const waiting = messages.isPending && rows.length === 0;
  const { pinned, pin, leave, inner, onScroll } = usePin(box, chat.id, !waiting);
  const { containerRef } = virtualizer;
  const content = useCallback(
    (node: HTMLDivElement | null) => {
      inner.current = node;
      containerRef(node);
    },
    [inner, containerRef],
  );
  useTurnKeys({ rows, virtualizer, pin, leave, onWalk: chat.walk });

  function find() {
    setFinding(chat.id);
    // It may be open already.
    document.querySelector<HTMLInputElement>("[data-find]")?.select();
  }
  useCommands([{ id: "find", title: "Search this chat", group: "Here", keys: "mod+shift+f", run: find }]);

  // One's own words are always followed.
  const sent = rows.filter((row) => row.kind === "prompt").length;
  const fresh = chat.running?.id;
  useEffect(() => {
    if (fresh) {
      pin();
    }
  }, [fresh, sent, pin]);

  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = messages;
  const more = useCallback(() => {
    if (!isFetching) {
      void fetchNextPage();
    }
  }, [isFetching, fetchNextPage]);
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
          if (hasNextPage && event.currentTarget.scrollTop < OLDER_PX) {
            more();
          }
        }}
        className="min-h-0 grow overflow-y-auto px-4 [overflow-anchor:none] -outline-offset-2"
      >
        <div ref={content} className="relative mx-auto max-w-answer">
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
      {finding === chat.id && (
        <FindBar
          box={box}
          rows={rows}
          onShow={(turn) => {
            leave();
            virtualizer.scrollToIndex(turn, { align: "start" });
          }}
          onOlder={hasNextPage && !isFetchNextPageError ? more : undefined}
          onClose={() => setFinding(undefined)}
        />
      )}
      {!pinned && <ToLatest running={chat.running} onClick={pin} />}
    </div>
  );
}
