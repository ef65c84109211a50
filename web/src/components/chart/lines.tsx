"use client";

import { useState } from "react";

import { arrowed, Frame, Grid, Tip } from "./frame";
import { Swatch } from "./bars";
import { every, ticks } from "./scale";
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
}

const LEFT = 60;
const RIGHT = 40;
const BOTTOM = 24;
const TOP = 8;

/** Lines over time. */
export function Lines({ finding, names, colours, labels, values, show, stepped = false }: Props) {
  const [at, setAt] = useState<number>();
  const lines = ticks(Math.max(0, ...values.flat().map((value) => value ?? 0)));
  const top = lines.at(-1) ?? 1;
  return (
    <Frame height={180} finding={finding}>
      {(width) => {
        const height = 180;
        const plot = { width: width - LEFT - RIGHT, height: height - BOTTOM - TOP };
        const slot = plot.width / Math.max(1, labels.length - 1);
        const x = (index: number) => LEFT + (labels.length === 1 ? plot.width / 2 : index * slot);
        const y = (value: number) => TOP + plot.height * (1 - value / top);
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
              onKeyDown={(event) => {
                const next = arrowed(event, at ?? labels.length, labels.length);
                if (next !== undefined) {
                  setAt(next);
                }
              }}
              onPointerMove={(event) => {
                const px = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
                setAt(Math.max(0, Math.min(labels.length - 1, Math.round(px / slot))));
              }}
              onPointerLeave={() => setAt(undefined)}
              onBlur={() => setAt(undefined)}
              className="rounded-control"
            >
              <Grid values={lines} left={LEFT} right={width - RIGHT} y={y} show={show} solid={0} />
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
                return last < 0 ? null : (
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
            {pointed && at !== undefined && (
              <Tip x={x(at)} width={width}>
                <p className="pb-1 font-medium">{pointed.title}</p>
                {names.map((name, series) => {
                  const value = values[series]?.[at];
                  return (
                    <p key={name} className="flex items-center gap-2 text-note leading-5">
                      <Swatch colour={colours[series] ?? 0} />
                      <span className="grow text-text-2">{name}</span>
                      {value === undefined ? "–" : show(value)}
                    </p>
                  );
                })}
              </Tip>
            )}
          </>
        );
      }}
    </Frame>
  );
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
