"use client";

import { useEffect, useReducer, useRef } from "react";

import { Fault, streamChat } from "@/lib/api";
import type { ChatRequest, ErrorDetail, Message } from "@/lib/contract";

import { messages, next } from "./conversation";

/** How much the model is asked to think; `default` leaves it to the provider. */
export type Thinking = "default" | "off" | "low" | "medium" | "high";

/** A conversation and what can be done with it. */
export function useChat() {
  const [turns, dispatch] = useReducer(next, []);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function run(model: string, thinking: Thinking, said: Message[]) {
    const abort = new AbortController();
    running.current = abort;
    try {
      for await (const event of streamChat(request(model, thinking, said), abort.signal)) {
        dispatch({ kind: "event", event });
      }
      dispatch({ kind: "cut", error: { message: "the connection ended before the answer did", retryable: true } });
    } catch (error) {
      if (!abort.signal.aborted) {
        dispatch({ kind: "cut", error: detail(error) });
      }
    }
  }

  return {
    turns,
    ask(prompt: string, model: string, thinking: Thinking) {
      dispatch({ kind: "ask", prompt, model });
      void run(model, thinking, messages(turns, prompt));
    },
    again(model: string, thinking: Thinking) {
      const last = turns.at(-1);
      if (last) {
        dispatch({ kind: "again", model });
        void run(model, thinking, messages(turns.slice(0, -1), last.prompt));
      }
    },
    /** Leaves the answer; the gateway stops the provider and books what was used. */
    stop() {
      running.current?.abort();
      dispatch({ kind: "stop" });
    },
    clear() {
      running.current?.abort();
      dispatch({ kind: "clear" });
    },
  };
}

function request(model: string, thinking: Thinking, said: Message[]): ChatRequest {
  const base: ChatRequest = { model, messages: said, stream: true };
  if (thinking === "default") {
    return base;
  }
  return { ...base, thinking: thinking === "off" ? { mode: "off" } : { effort: thinking } };
}

function detail(error: unknown): ErrorDetail {
  return error instanceof Fault ? error.detail : { message: "the connection broke", retryable: true };
}
