"use client";

import { useSyncExternalStore } from "react";

const THEMES = ["system", "light", "dark"] as const;

function subscribe(listener: () => void): () => void {
  addEventListener("themechange", listener);
  addEventListener("storage", listener);
  return () => {
    removeEventListener("themechange", listener);
    removeEventListener("storage", listener);
  };
}

/** Walks through the themes; public/boot.js paints them. */
export function ThemeButton() {
  const stored = useSyncExternalStore(
    subscribe,
    () => localStorage.getItem("theme"),
    () => null,
  );
  const at = THEMES.findIndex((theme) => theme === stored);
  const theme = THEMES[Math.max(at, 0)] ?? "system";
  const next = THEMES[(Math.max(at, 0) + 1) % THEMES.length] ?? "system";

  function choose() {
    localStorage.setItem("theme", next);
    dispatchEvent(new Event("themechange"));
  }

  return (
    <button
      type="button"
      onClick={choose}
      title={`Switch to ${next}`}
      className="rounded-control px-2 py-1.5 text-left text-text-2 hover:bg-hover"
    >
      <span className="max-sm:sr-only">Theme: </span>
      {theme}
    </button>
  );
}
