"use client";

import { useEffect, useState, useSyncExternalStore } from "react";

import { Button } from "./button";

interface Message {
  id: number;
  text: string;
  action?: { name: string; run: () => void } | undefined;
  /** Runs when it goes away without its action. */
  after?: (() => void) | undefined;
}

const LIFE_MS = 6000;
let messages: Message[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(changed: Message[]): void {
  messages = changed;
  listeners.forEach((listener) => listener());
}

/** Says something for a while; never the only record of an error. */
export function toast(text: string, action?: Message["action"], after?: () => void): void {
  set([...messages, { id: next++, text, action, after }]);
}

function end(message: Message, how: "action" | "after"): void {
  if (messages.includes(message)) {
    set(messages.filter((known) => known !== message));
    (how === "action" ? message.action?.run : message.after)?.();
  }
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => messages,
    () => messages,
  );
  useEffect(() => {
    // What was promised is done before the page goes away.
    const flush = () => messages.forEach((message) => end(message, "after"));
    addEventListener("pagehide", flush);
    return () => removeEventListener("pagehide", flush);
  }, []);
  return (
    <div role="status" className="fixed right-4 bottom-4 z-40 flex flex-col items-end gap-2">
      {shown.map((message) => (
        <Toast key={message.id} message={message} />
      ))}
    </div>
  );
}

function Toast({ message }: { message: Message }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const timer = held ? undefined : setTimeout(() => end(message, "after"), LIFE_MS);
    return () => clearTimeout(timer);
  }, [held, message]);
  return (
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="flex max-w-sm items-center gap-3 rounded-card border border-line bg-raised px-4 py-2.5 shadow-3"
    >
      <span>{message.text}</span>
      {message.action && (
        <Button kind="quiet" className="text-accent-text" onClick={() => end(message, "action")}>
          {message.action.name}
        </Button>
      )}
    </div>
  );
}
