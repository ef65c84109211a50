"use client";

import { useState, type KeyboardEvent, type PointerEvent } from "react";

import { arrowed, Frame, Grid, Tip } from "./frame";
import { every, ticks } from "./scale";
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
  onOpen?: (column: number) => void;
}

const LEFT = 52;
const BOTTOM = 24;
const TOP = 8;

/** Stacked bars over time, with exact figures for the column that is pointed at. */
export function Bars({ finding, names, colours, columns, show, focus, onOpen }: Props) {
  const [at, setAt] = useState<number>();
  const sums = columns.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const lines = ticks(Math.max(0, ...sums));
  const top = lines.at(-1) ?? 1;
  const step = (event: KeyboardEvent) => {
    const next = arrowed(event, at ?? columns.length, columns.length);
    if (next !== undefined) {
      setAt(next);
    } else if (event.key === "Enter" && at !== undefined) {
      onOpen?.(at);
    } else if (event.key === "Escape") {
      setAt(undefined);
    }
  };

  return (
    <Frame height={260} finding={finding}>
      {(width) => {
        const height = width < 500 ? 180 : 260;
        const plot = { width: width - LEFT, height: height - BOTTOM - TOP };
        const slot = plot.width / Math.max(1, columns.length);
        const bar = Math.min(48, slot * 0.75);
        const y = (value: number) => TOP + plot.height * (1 - value / top);
        const label = every(columns.length, plot.width / 110);
        const point = (event: PointerEvent<SVGSVGElement>) => {
          const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
          setAt(x < 0 ? undefined : Math.min(columns.length - 1, Math.floor(x / slot)));
        };
        const pointed = at === undefined ? undefined : columns[at];
        return (
          <>
            <svg
              width={width}
              height={height}
              role="application"
              aria-label={finding}
              tabIndex={0}
              onKeyDown={step}
              onPointerMove={point}
              onPointerDown={point}
              onPointerLeave={() => setAt(undefined)}
              onBlur={() => setAt(undefined)}
              className="rounded-control"
            >
              <Grid values={lines} left={LEFT} right={width} y={y} show={show} solid={0} />
              {at !== undefined && <rect x={LEFT + at * slot} y={TOP} width={slot} height={plot.height} className="fill-text" fillOpacity={0.06} />}
              {columns.map((column, index) => {
                let base = 0;
                return (
                  <g key={index} fillOpacity={column.open ? 0.6 : 1}>
                    {column.values.map((value, series) => {
                      const from = y(base);
                      base += value;
                      const tall = from - y(base);
                      // A gap of one pixel tells neighbours apart without their colours.
                      return tall > 0.2 ? (
                        <rect
                          key={series}
                          x={LEFT + index * slot + (slot - bar) / 2}
                          y={y(base)}
                          width={bar}
                          height={Math.max(0.5, tall - 1)}
                          rx={1.5}
                          opacity={focus === undefined || focus === series ? 1 : 0.25}
                          className={SHAPES[colours[series] ?? 0]}
                        />
                      ) : null;
                    })}
                    {index % label === 0 && (
                      <text x={LEFT + (index + 0.5) * slot} y={height - 6} textAnchor="middle" className="fill-text-2 text-note">
                        {column.label}
                      </text>
                    )}
                  </g>
                );
              })}
            </svg>
            {pointed && at !== undefined && (
              <Tip x={LEFT + (at + 0.5) * slot} gap={Math.min(slot / 2, 80) + 8} width={width}>
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
              {pointed && at !== undefined ? `${pointed.title}: ${show(sums[at] ?? 0)}` : ""}
            </p>
          </>
        );
      }}
    </Frame>
  );
}

/** A series' colour beside its name. */
export function Swatch({ colour }: { colour: number }) {
  return <span aria-hidden className={`size-2 shrink-0 rounded-xs ${FILLS[colour] ?? FILLS[0]}`} />;
}
