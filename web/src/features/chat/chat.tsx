"use client";

import { useEffect, useRef, useState, type UIEvent } from "react";

import { Problem } from "@/components/problem";
import { QUIET } from "@/components/styles";
import { useModels } from "@/lib/models";

import { Composer } from "./composer";
import { ModelSelect, useChosenModel } from "./model-select";
import { TurnView } from "./turn";
import { useChat, type Thinking } from "./use-chat";

/** Talks to a model. */
export function Chat() {
  const catalog = useModels();
  const [model, choose] = useChosenModel(catalog.data ?? []);
  const [thinking, setThinking] = useState<Thinking>("default");
  const chat = useChat();
  const last = chat.turns.at(-1);
  const running = last !== undefined && !last.answer.end;
  const { box, onScroll, pin } = useFollow(chat.turns);

  return (
    <>
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-4 py-2">
        <h1 className="sr-only">Chat</h1>
        <ModelSelect models={catalog.data ?? []} value={model} onChange={choose} />
        {chat.turns.length > 0 && (
          <button type="button" onClick={chat.clear} className={`${QUIET} ml-auto shrink-0`}>
            New chat
          </button>
        )}
      </div>
      <div ref={box} onScroll={onScroll} className="min-h-0 grow overflow-y-auto px-4">
        <div className="mx-auto flex max-w-answer flex-col gap-7 py-6">
          {catalog.isError && <Problem error={catalog.error} retry={() => void catalog.refetch()} />}
          {chat.turns.length === 0 && !catalog.isError && (
            <p className="pt-24 text-center text-title text-text-2">What would you like to try?</p>
          )}
          {chat.turns.map((turn, at) => (
            <TurnView
              key={at}
              turn={turn}
              retry={at === chat.turns.length - 1 && !running ? () => chat.again(model, thinking) : undefined}
            />
          ))}
        </div>
      </div>
      <div role="status" className="sr-only">
        {running ? "Answering" : last && "Answer finished"}
      </div>
      <Composer
        running={running}
        ready={model !== ""}
        thinking={thinking}
        onThinking={setThinking}
        onSend={(prompt) => {
          pin();
          chat.ask(prompt, model, thinking);
        }}
        onStop={chat.stop}
      />
    </>
  );
}

/** Keeps the end in view for a reader who is there; one who scrolled up is left alone. */
function useFollow(changes: unknown) {
  const box = useRef<HTMLDivElement>(null);
  const pinned = useRef(true);
  useEffect(() => {
    if (box.current && pinned.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [changes]);
  return {
    box,
    onScroll({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent) {
      pinned.current = scrollHeight - scrollTop - clientHeight < 48;
    },
    pin() {
      pinned.current = true;
    },
  };
}
