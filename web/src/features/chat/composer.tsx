"use client";

import { useRef, type KeyboardEvent } from "react";

import { PRIMARY } from "@/components/styles";

import type { Thinking } from "./use-chat";

interface Props {
  running: boolean;
  ready: boolean;
  thinking: Thinking;
  onThinking: (thinking: Thinking) => void;
  onSend: (prompt: string) => void;
  onStop: () => void;
}

/** Where a prompt is written. The text lives in its own field, so that typing renders nothing else. */
export function Composer({ running, ready, thinking, onThinking, onSend, onStop }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);

  function send() {
    const prompt = field.current?.value.trim();
    if (field.current && prompt && ready && !running) {
      field.current.value = "";
      onSend(prompt);
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    // Enter that ends an input method's composition is not ours.
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && running) {
      onStop();
    }
  }

  return (
    <div className="shrink-0 px-4 pb-4">
      <form
        action={send}
        className="mx-auto flex max-w-answer flex-col gap-1 rounded-bubble border border-line-strong bg-surface p-2 shadow-float focus-within:border-accent"
      >
        <textarea
          ref={field}
          rows={2}
          aria-label="Message"
          placeholder="Message…"
          onKeyDown={onKeyDown}
          className="field-sizing-content max-h-60 resize-none bg-transparent px-2 py-1 text-body outline-none placeholder:text-text-3"
        />
        <div className="flex items-center justify-between gap-2">
          <label className="flex items-center gap-1 pl-2 text-text-2">
            Thinking
            <select
              value={thinking}
              onChange={(event) => onThinking(event.target.value as Thinking)}
              className="rounded-control bg-surface px-1 py-1 text-text"
            >
              {["default", "off", "low", "medium", "high"].map((level) => (
                <option key={level}>{level}</option>
              ))}
            </select>
          </label>
          {running ? (
            <button type="button" onClick={onStop} className={PRIMARY} title="Stop (Esc)">
              Stop
            </button>
          ) : (
            <button type="submit" disabled={!ready} className={PRIMARY} title="Send (Enter)">
              Send
            </button>
          )}
        </div>
      </form>
    </div>
  );
}
