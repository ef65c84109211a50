"use client";

import { Swatch } from "./bars";
import { Frame, Grid, Tip } from "./frame";
import { useReading } from "./reading";
import { decades, every, gutter, ticks } from "./scale";
import { STROKES } from "@/lib/series";

interface Props {
  finding: string;
  names: string[];
  colours: number[];
  labels: { label: string; title: string }[];
  /** A row for each name; a gap in the data is a gap in the line. */
  values: (number | undefined)[][];
  show: (value: number) => string;
  /** Each value holds until the next. */
  stepped?: boolean;
  /** Equal steps are equal factors; what is zero has no place there. */
  log?: boolean;
  height?: number;
  onSpan?: (first: number, last: number) => void;
}

const RIGHT = 40;
const BOTTOM = 24;
const TOP = 8;
const MOST_ENDS = 3;

/** Lines over time. */
export function Lines({ finding, names, colours, labels, values: all, show, stepped = false, log = false, height = 180, onSpan }: Props) {
  const { at, span, sweeping, handlers } = useReading();
  const values = log ? all.map((row) => row.map((value) => (value ? value : undefined))) : all;
  const known = values.flat().filter((value) => value !== undefined);
  const lines = log && known.length > 0 ? decades(Math.min(...known), Math.max(...known)) : ticks(Math.max(0, ...known));
  const [base = 0, top = 1] = [lines[0], lines.at(-1)];
  // Names at the ends of many lines would lie upon each other; then a legend says them.
  const ends = names.length <= MOST_ENDS;
  const left = gutter(lines.map(show));
  return (
    <Frame height={height} finding={finding}>
      {(width) => {
        const right = ends ? RIGHT : 16;
        const plot = { width: width - left - right, height: height - BOTTOM - TOP };
        const slot = plot.width / Math.max(1, labels.length - 1);
        const x = (index: number) => left + (labels.length === 1 ? plot.width / 2 : index * slot);
        const part = (value: number) => (log ? Math.log(value / base) / Math.log(top / base) : value / top);
        const y = (value: number) => TOP + plot.height * (1 - part(value));
        const placeAt = (px: number) => Math.max(0, Math.min(labels.length - 1, Math.round((px - left) / slot)));
        const label = every(labels.length, plot.width / 110);
        const pointed = at === undefined ? undefined : labels[at];
        return (
          <>
            <svg
              width={width}
              height={height}
              role="application"
              aria-label={finding}
              tabIndex={0}
              {...handlers({ count: labels.length, placeAt, onSpan })}
              className="touch-pan-y rounded-control select-none"
            >
              <Grid values={lines} left={left} right={width - right} y={y} show={show} solid={base} />
              {sweeping && span && (
                <rect x={x(span.first)} y={TOP} width={x(span.last) - x(span.first)} height={plot.height} className="fill-accent" fillOpacity={0.16} />
              )}
              {at !== undefined && <line x1={x(at)} x2={x(at)} y1={TOP} y2={TOP + plot.height} className="stroke-line-strong" />}
              {values.map((row, series) => (
                <g key={series} className={STROKES[colours[series] ?? 0]} fill="none" strokeWidth={2}>
                  <path d={path(row, x, y, stepped)} />
                  {row.map((value, index) =>
                    value !== undefined && (labels.length < 40 || index === at) ? (
                      <circle key={index} cx={x(index)} cy={y(value)} r={2} />
                    ) : null,
                  )}
                </g>
              ))}
              {values.map((row, series) => {
                const last = row.findLastIndex((value) => value !== undefined);
                return last < 0 || !ends ? null : (
                  <text key={series} x={x(last) + 6} y={y(row[last] ?? 0) + 4} className="fill-text-2 text-note">
                    {names[series]}
                  </text>
                );
              })}
              {labels.map(({ label: text }, index) =>
                index % label === 0 ? (
                  <text key={index} x={x(index)} y={height - 6} textAnchor="middle" className="fill-text-2 text-note">
                    {text}
                  </text>
                ) : null,
              )}
            </svg>
            {pointed && at !== undefined && !sweeping && (
              <Tip x={x(at)} width={width}>
                <p className="pb-1 font-medium">{pointed.title}</p>
                {names.map((name, series) => {
                  const value = values[series]?.[at];
                  return (
                    <p key={name} className="flex items-center gap-2 text-note leading-5">
                      <Swatch colour={colours[series] ?? 0} />
                      <span className="grow text-text-2">{name}</span>
                      {told(value, show)}
                    </p>
                  );
                })}
              </Tip>
            )}
            <p role="status" className="sr-only">
              {pointed && at !== undefined
                ? `${pointed.title}: ${names.map((name, series) => `${name} ${told(values[series]?.[at], show)}`).join(", ")}`
                : ""}
            </p>
          </>
        );
      }}
    </Frame>
  );
}

function told(value: number | undefined, show: Props["show"]): string {
  return value === undefined ? "–" : show(value);
}

function path(row: (number | undefined)[], x: (index: number) => number, y: (value: number) => number, stepped: boolean): string {
  let drawn = "";
  let pen = false;
  row.forEach((value, index) => {
    if (value === undefined) {
      pen = false;
      return;
    }
    drawn += pen ? `${stepped ? `H${x(index)}V${y(value)}` : `L${x(index)},${y(value)}`}` : `M${x(index)},${y(value)}`;
    pen = true;
  });
  return drawn;
}
