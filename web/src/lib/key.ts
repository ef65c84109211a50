// The gateway key, in this tab's session storage alone: never in an address, a log or a longer-lived store.
import { useSyncExternalStore } from "react";

import { until } from "./until";

const NAME = "key";
const listeners = new Set<() => void>();
const leaving = new Set<() => void>();
/** Why the gateway no longer takes the key; its reason code. */
let refused: string | null = null;

export function readKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function keepKey(key: string): void {
  refused = null;
  sessionStorage.setItem(NAME, key);
  tell();
}

export function dropKey(): void {
  refused = null;
  sessionStorage.removeItem(NAME);
  leaving.forEach((listener) => listener());
  tell();
}

/** Calls back before another may sign in, to forget what was this one's; until the returned function is called. */
export function onSignOut(listener: () => void): () => void {
  leaving.add(listener);
  return () => leaving.delete(listener);
}

/** Notes that the gateway refused this key; one that was given since is not meant. */
export function refuseKey(key: string, reason: string): void {
  if (key === readKey()) {
    refused = reason;
    tell();
  }
}

/** Waits until a refused key was replaced; false where its owner signed out instead. */
export function signedInAgain(): Promise<boolean> {
  return until(listeners, () => (refused === null ? readKey() !== null : undefined));
}

function tell(): void {
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The key; null where there is none, undefined while the page is what was exported. */
export function useKey(): string | null | undefined {
  return useSyncExternalStore<string | null | undefined>(subscribe, readKey, () => undefined);
}

/** Why the key is refused; null while it is not. */
export function useRefusal(): string | null {
  return useSyncExternalStore(
    subscribe,
    () => refused,
    () => null,
  );
}

const SIBLINGS = "gateway-key";

/**
 * Answers other tabs of this browser that ask for the key, and asks them where this tab has none: opening a link in a
 * new tab should not ask a person to sign in again.
 */
export function shareKey(): () => void {
  const channel = new BroadcastChannel(SIBLINGS);
  channel.onmessage = ({ data }: MessageEvent<{ ask?: boolean; key?: string; out?: boolean }>) => {
    const key = readKey();
    if (data.ask && key !== null && refused === null) {
      channel.postMessage({ key });
    } else if (data.key !== undefined && key === null) {
      keepKey(data.key);
    } else if (data.out) {
      dropKey();
    }
  };
  if (readKey() === null) {
    channel.postMessage({ ask: true });
  }
  return () => channel.close();
}

/** Signs out of every tab. */
export function signOut(): void {
  dropKey();
  const channel = new BroadcastChannel(SIBLINGS);
  channel.postMessage({ out: true });
  channel.close();
}
