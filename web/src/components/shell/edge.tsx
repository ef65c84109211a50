"use client";

import type { KeyboardEvent } from "react";

import { keep, useKept } from "@/lib/browser";

/** Pixels. */
const [LEAST, USUAL, MOST] = [220, 264, 360] as const;
const STEP = 16;

/** Keeps a width; public/boot.js draws it, as it does before the first paint. */
function resize(width: number): void {
  keep("sidebar", String(Math.min(MOST, Math.max(LEAST, Math.round(width)))));
  dispatchEvent(new Event("sidebarchange"));
}

/** The sidebar's edge: dragged, or moved by arrow keys; a double click brings the usual width back. */
export function Edge() {
  const wide = Number(useKept("sidebar"));
  const width = wide >= LEAST && wide <= MOST ? wide : USUAL;
  function onKeyDown({ key }: KeyboardEvent) {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[key];
    if (step) {
      resize(width + step);
    }
  }
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the sidebar"
      aria-valuemin={LEAST}
      aria-valuenow={width}
      aria-valuemax={MOST}
      tabIndex={0}
      title="Drag, or double-click for the usual width"
      onPointerDown={({ currentTarget, pointerId }) => currentTarget.setPointerCapture(pointerId)}
      onPointerMove={({ currentTarget, pointerId, clientX }) => {
        if (currentTarget.hasPointerCapture(pointerId)) {
          resize(clientX);
        }
      }}
      onDoubleClick={() => resize(USUAL)}
      onKeyDown={onKeyDown}
      className="absolute inset-y-0 -right-1 w-2 cursor-col-resize touch-none transition-colors hover:bg-line focus-visible:bg-line max-md:hidden"
    />
  );
}
