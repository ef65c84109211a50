// The gateway key, in this tab's session storage alone: never in an address, a log or a longer-lived store.
import { useSyncExternalStore } from "react";

const NAME = "key";
const listeners = new Set<() => void>();

export function readKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function keepKey(key: string): void {
  sessionStorage.setItem(NAME, key);
  listeners.forEach((listener) => listener());
}

export function dropKey(): void {
  sessionStorage.removeItem(NAME);
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The key; null where there is none, undefined until the page runs in a browser. */
export function useKey(): string | null | undefined {
  return useSyncExternalStore<string | null | undefined>(subscribe, readKey, () => undefined);
}
