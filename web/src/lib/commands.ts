// Everything that can be done by key or palette: one registry feeds the handler, the palette and the list of keys.
import { useEffect, useRef, useSyncExternalStore } from "react";

import { doEarly } from "./early";

export interface Command {
  id: string;
  title: string;
  group: "Here" | "Go to" | "Settings";
  /** `mod+k`, `g c`, `?`; `mod` is ⌘ on a Mac and Ctrl elsewhere. */
  keys?: string;
  run: () => void;
}

type Source = { current: Command[] };
const sources = new Set<Source>();
const listeners = new Set<() => void>();
let snapshot: Command[] = [];

function changed(): void {
  // The newest page's commands win over those of the frame around it.
  const byId = new Map([...sources].flatMap(({ current }) => current).map((command) => [command.id, command]));
  snapshot = [...byId.values()];
  listeners.forEach((listener) => listener());
}

/** Offers commands while the component is there. */
export function useCommands(commands: Command[]): void {
  const source = useRef(commands);
  const names = commands.map(({ id, title }) => `${id} ${title}`).join("\n");
  useEffect(() => {
    source.current = commands;
  });
  useEffect(() => {
    sources.add(source);
    changed();
    return () => {
      sources.delete(source);
      changed();
    };
  }, [names]);
}

export function useCommandList(): Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => snapshot,
    () => snapshot,
  );
}

/** Runs a command by its id; whether there was one. */
export function runCommand(id: string): boolean {
  const command = current().find((known) => known.id === id);
  command?.run();
  return command !== undefined;
}

/** The commands as they are now: closures of the last render. */
function current(): Command[] {
  return [...sources].flatMap((source) => source.current).reverse();
}

/** Listens to keys until the returned function is called. */
export function listenToKeys(): () => void {
  let lead: { key: string; at: number } | null = null;
  function press(event: KeyboardEvent): void {
    const stroke = name(event);
    if (event.isComposing || stroke === null) {
      return;
    }
    const typing = isField(event.target);
    // `g`, then `c` within a second.
    const sequence = lead && event.timeStamp - lead.at < 1000 ? `${lead.key} ${stroke}` : null;
    lead = typing ? null : { key: stroke, at: event.timeStamp };
    const found = current().find(({ keys }) => keys !== undefined && (keys === sequence || keys === stroke));
    if (found && (!typing || stroke.includes("mod+") || stroke.includes("alt+"))) {
      event.preventDefault();
      found.run();
    }
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (!event.defaultPrevented) {
      press(event);
    }
  }
  doEarly(press);
  addEventListener("keydown", onKeyDown);
  return () => removeEventListener("keydown", onKeyDown);
}

function name(event: KeyboardEvent): string | null {
  if (["Control", "Meta", "Shift", "Alt"].includes(event.key) || document.querySelector("dialog[open]")) {
    return null;
  }
  const single = event.key.length === 1;
  return [
    event.ctrlKey || event.metaKey ? "mod+" : "",
    event.altKey ? "alt+" : "",
    event.shiftKey && (!single || event.ctrlKey || event.metaKey) ? "shift+" : "",
    single ? event.key.toLowerCase() : event.key,
  ].join("");
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Keys as they stand on the keyboard. */
export function keyNames(keys: string, mac: boolean): string[] {
  const names: Record<string, string> = { mod: mac ? "⌘" : "Ctrl", shift: mac ? "⇧" : "Shift", alt: mac ? "⌥" : "Alt", Escape: "Esc" };
  const split = keys.includes(" ") ? keys.split(" ") : keys.split(/\+(?=.)/);
  return split.map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key.replace("Arrow", "")));
}

/** It is a Mac; not, for a page as it was exported. */
export function useMac(): boolean {
  return useSyncExternalStore(
    () => () => undefined,
    () => /Mac|iPhone|iPad/.test(navigator.userAgent),
    () => false,
  );
}
