"use client";

import { useEffect, useRef, useState, type ReactNode } from "react";

interface Props {
  height: number;
  /** Says the finding: what a reader who cannot see it should know. */
  finding: string;
  children: (width: number) => ReactNode;
}

/** A chart's box: as wide as there is room, drawn anew rather than scaled. */
export function Frame({ height, finding, children }: Props) {
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const sized = new ResizeObserver(() => setWidth(element.clientWidth));
    sized.observe(element);
    return () => sized.disconnect();
  }, []);
  return (
    <figure ref={box} className="relative min-w-0" style={{ minHeight: height }}>
      {width > 0 && children(width)}
      <figcaption className="sr-only">{finding}</figcaption>
    </figure>
  );
}

/** What is told beside the pointer. */
export function Tip({ x, gap = 16, width, children }: { x: number; gap?: number; width: number; children: ReactNode }) {
  const right = x > width / 2;
  return (
    <div
      className="pointer-events-none absolute top-2 z-20 w-60 rounded-card border border-line bg-raised p-3 shadow-3"
      style={right ? { right: width - x + gap } : { left: x + gap }}
    >
      {children}
    </div>
  );
}

/** Horizontal lines with their values; `solid` is the base line. */
export function Grid({ values, left, right, y, show, solid }: { values: number[]; left: number; right: number; y: (value: number) => number; show: (value: number) => string; solid?: number }) {
  return values.map((value) => (
    <g key={value}>
      <line x1={left} x2={right} y1={y(value)} y2={y(value)} className="stroke-line" strokeDasharray={value === solid ? undefined : "2 3"} />
      <text x={left - 8} y={y(value) + 4} textAnchor="end" className="fill-text-2 text-note">
        {show(value)}
      </text>
    </g>
  ));
}
