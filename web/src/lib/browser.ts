// What a browser does for a page: copying, keeping, saving files, telling the time.
import { useEffect, useRef, useSyncExternalStore } from "react";

import { oneOf } from "./url";

/** Copies text; also on plain http, where browsers have no clipboard of their own. */
export async function copy(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** Saves a file under a name. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const changes = new EventTarget();

/** Keeps a value of this browser; nothing where it is undefined. */
export function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) {
      localStorage.removeItem(name);
    } else {
      localStorage.setItem(name, value);
    }
  } catch {
    // A full or closed store: the value holds for this page alone.
  }
  changes.dispatchEvent(new Event("change"));
}

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** A kept value, as it changes in this tab and others. */
export function useKept(name: string): string | null {
  return useSyncExternalStore(
    (listener) => {
      changes.addEventListener("change", listener);
      addEventListener("storage", listener);
      return () => {
        changes.removeEventListener("change", listener);
        removeEventListener("storage", listener);
      };
    },
    () => kept(name),
    () => null,
  );
}

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** Chooses a theme; public/boot.js paints it. */
export function chooseTheme(theme: Theme): void {
  keep("theme", theme === "system" ? undefined : theme);
  dispatchEvent(new Event("themechange"));
}

export const SEND_KEYS = ["enter", "mod+enter"] as const;

/** What sends a prompt: Enter, or Ctrl (⌘) and Enter, where Enter alone is a new line. */
export function useSendKey(): (typeof SEND_KEYS)[number] {
  return oneOf(useKept("send-key"), SEND_KEYS);
}

export const READING = ["off", "paragraphs"] as const;

/** What a screen reader is told of a running answer: that it begins and ends, or each paragraph once it is settled too. */
export function useReading(): (typeof READING)[number] {
  return oneOf(useKept("reading"), READING);
}

export const DENSITIES = ["comfortable", "compact"] as const;

/** How high the rows of tables are. */
export function useDensity(): (typeof DENSITIES)[number] {
  return oneOf(useKept("density"), DENSITIES);
}

let now = 0;

/** The time, by one slow tick for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      const timer = setInterval(() => {
        now = Date.now();
        listener();
      }, 30_000);
      return () => clearInterval(timer);
    },
    () => (now ||= Date.now()),
    () => 0,
  );
}

export function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      addEventListener("online", listener);
      addEventListener("offline", listener);
      return () => {
        removeEventListener("online", listener);
        removeEventListener("offline", listener);
      };
    },
    () => navigator.onLine,
    () => true,
  );
}

/** Counts in the title what has ended while nobody looked, until somebody does. */
export function useUnread(ended: number): void {
  const seen = useRef(ended);
  useEffect(() => {
    const tell = () => {
      if (!document.hidden) {
        seen.current = ended;
      }
      const title = document.title.replace(/^\(\d+\) /, "");
      document.title = ended > seen.current ? `(${ended - seen.current}) ${title}` : title;
    };
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [ended]);
}
