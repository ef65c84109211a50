"use client";

import { useState, type KeyboardEvent, type PointerEvent } from "react";

interface Options {
  /** How many places along the chart can be read. */
  count: number;
  /** The place at so many pixels from the left edge; undefined where there is none. */
  placeAt: (x: number) => number | undefined;
  /** Takes the first and the last place of a span that was chosen. */
  onSpan?: ((first: number, last: number) => void) | undefined;
}

/**
 * Reads a chart place by place and chooses a span of it: with a mouse by pointing and dragging, with the keyboard by
 * arrows, Shift and Enter, with a finger by tapping and moving.
 */
export function useReading() {
  const [at, setAt] = useState<number>();
  const [from, setFrom] = useState<number>();
  const clear = () => {
    setAt(undefined);
    setFrom(undefined);
  };
  const span = at === undefined ? undefined : { first: Math.min(from ?? at, at), last: Math.max(from ?? at, at) };
  const handlers = ({ count, placeAt, onSpan }: Options) => {
    const place = (event: PointerEvent) => placeAt(event.clientX - event.currentTarget.getBoundingClientRect().left);
    const choose = () => {
      if (span && onSpan) {
        onSpan(span.first, span.last);
        clear();
      }
    };
    return {
      onKeyDown(event: KeyboardEvent) {
        const next = arrowed(event, at ?? count, count);
        if (next !== undefined) {
          setFrom(event.shiftKey && onSpan ? (from ?? at ?? next) : undefined);
          setAt(next);
        } else if (event.key === "Enter") {
          choose();
        } else if (event.key === "Escape") {
          clear();
        }
      },
      onPointerDown(event: PointerEvent) {
        const found = place(event);
        setAt(found);
        if (onSpan && event.pointerType === "mouse" && event.button === 0 && found !== undefined) {
          setFrom(found);
          event.currentTarget.setPointerCapture(event.pointerId);
        }
      },
      onPointerMove(event: PointerEvent) {
        const found = place(event);
        // A drag that leaves the plot keeps its last place.
        setAt(found ?? (from === undefined ? undefined : at));
      },
      onPointerUp() {
        if (from !== undefined && from !== at) {
          choose();
        }
        setFrom(undefined);
      },
      onPointerLeave: () => from === undefined && clear(),
      onPointerCancel: clear,
      onBlur: clear,
    };
  };
  return { at, span, sweeping: span !== undefined && span.first !== span.last, handlers };
}

/** Where the left and right arrows lead among `count` places, `from` which; undefined for other keys. */
export function arrowed(event: KeyboardEvent, from: number, count: number): number | undefined {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) {
    return undefined;
  }
  event.preventDefault();
  return Math.max(0, Math.min(count - 1, from + by));
}
