"use client";

import { useId } from "react";

import { Frame, Grid, Tip } from "./frame";
import { useReading } from "./reading";
import { every, gutter, ticks } from "./scale";
import { FILLS, SHAPES } from "@/lib/series";

export interface Column {
  label: string;
  /** The label where there is room for all of it. */
  title: string;
  values: number[];
  /** It is not over yet. */
  open?: boolean;
}

interface Props {
  finding: string;
  names: string[];
  colours: number[];
  columns: Column[];
  show: (value: number) => string;
  /** Draws one series before the others; the rest is faint. */
  focus?: number | undefined;
  /** Takes the first and the last column of a span that was dragged over. */
  onSpan?: (first: number, last: number) => void;
}

const BOTTOM = 24;
const TOP = 8;

/** Stacked bars over time, with exact figures for the column that is pointed at. */
export function Bars({ finding, names, colours, columns, show, focus, onSpan }: Props) {
  const { at, span, sweeping, handlers } = useReading();
  const hatch = useId();
  const sums = columns.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const lines = ticks(Math.max(0, ...sums));
  const top = lines.at(-1) ?? 1;

  const left = gutter(lines.map(show));
  return (
    <Frame height={260} finding={finding}>
      {(width) => {
        const height = width < 500 ? 180 : 260;
        const plot = { width: width - left, height: height - BOTTOM - TOP };
        const slot = plot.width / Math.max(1, columns.length);
        const bar = Math.min(48, slot * 0.75);
        const y = (value: number) => TOP + plot.height * (1 - value / top);
        const label = every(columns.length, plot.width / 110);
        const placeAt = (x: number) => (x < left ? undefined : Math.max(0, Math.min(columns.length - 1, Math.floor((x - left) / slot))));
        const pointed = at === undefined ? undefined : columns[at];
        return (
          <>
            <svg
              width={width}
              height={height}
              role="application"
              aria-label={finding}
              tabIndex={0}
              {...handlers({ count: columns.length, placeAt, onSpan })}
              className="touch-pan-y rounded-control select-none"
            >
              <Hatch id={hatch} />
              <Grid values={lines} left={left} right={width} y={y} show={show} solid={0} />
              {span && (
                <rect
                  x={left + span.first * slot}
                  y={TOP}
                  width={(span.last - span.first + 1) * slot}
                  height={plot.height}
                  className={sweeping ? "fill-accent" : "fill-text"}
                  fillOpacity={sweeping ? 0.16 : 0.06}
                />
              )}
              {columns.map((column, index) => {
                let base = 0;
                return (
                  <g key={index}>
                    {column.values.map((value, series) => {
                      const from = y(base);
                      base += value;
                      const tall = from - y(base);
                      // A gap of one pixel tells neighbours apart without their colours.
                      return tall > 0.2 ? (
                        <rect
                          key={series}
                          x={left + index * slot + (slot - bar) / 2}
                          y={y(base)}
                          width={bar}
                          height={Math.max(0.5, tall - 1)}
                          rx={1.5}
                          opacity={focus === undefined || focus === series ? 1 : 0.25}
                          className={SHAPES[colours[series] ?? 0]}
                        />
                      ) : null;
                    })}
                    {column.open && base > 0 && (
                      <rect x={left + index * slot + (slot - bar) / 2} y={y(base)} width={bar} height={y(0) - y(base)} fill={`url(#${hatch})`} />
                    )}
                    {index % label === 0 && (
                      <text x={left + (index + 0.5) * slot} y={height - 6} textAnchor="middle" className="fill-text-2 text-note">
                        {column.label}
                      </text>
                    )}
                  </g>
                );
              })}
            </svg>
            {pointed && at !== undefined && !sweeping && (
              <Tip x={left + (at + 0.5) * slot} gap={Math.min(slot / 2, 80) + 8} width={width}>
                <p className="flex justify-between gap-4 pb-1 font-medium">
                  <span>
                    {pointed.title}
                    {pointed.open && <span className="font-normal text-text-2"> so far</span>}
                  </span>
                  <span>{show(sums[at] ?? 0)}</span>
                </p>
                {names
                  .map((name, series) => ({ name, value: pointed.values[series] ?? 0, series }))
                  .filter(({ value }) => value > 0)
                  .sort((one, other) => other.value - one.value)
                  .map(({ name, value, series }) => (
                    <p key={name} className="flex items-center gap-2 text-note leading-5">
                      <Swatch colour={colours[series] ?? 0} />
                      <span className="min-w-0 grow truncate text-text-2">{name}</span>
                      <span>{show(value)}</span>
                    </p>
                  ))}
              </Tip>
            )}
            <p role="status" className="sr-only">
              {sweeping && span
                ? `${columns[span.first]?.title ?? ""} to ${columns[span.last]?.title ?? ""}; Enter shows these`
                : pointed && at !== undefined
                  ? `${pointed.title}: ${show(sums[at] ?? 0)}${pointed.open ? " so far" : ""}`
                  : ""}
            </p>
          </>
        );
      }}
    </Frame>
  );
}

/** Strokes of the ground over a bar: what it stands for is not over yet. */
function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={3} height={6} className="fill-surface" fillOpacity={0.6} />
      </pattern>
    </defs>
  );
}

/** A series' colour beside its name. */
export function Swatch({ colour }: { colour: number }) {
  return <span aria-hidden className={`size-2 shrink-0 rounded-xs ${FILLS[colour] ?? FILLS[0]}`} />;
}
