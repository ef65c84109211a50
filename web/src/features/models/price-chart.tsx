"use client";

import { useState } from "react";

import { frontier, millions } from "./view";
import { Frame, Grid, Tip } from "@/components/chart/frame";
import { arrowed } from "@/components/chart/reading";
import { decades } from "@/components/chart/scale";
import { Card } from "@/components/states";
import type { Model } from "@/lib/contract";
import { context, pricePerMillion } from "@/lib/format";
import { author, shortName } from "@/lib/models";
import { authorColour, SHAPES, STROKES } from "@/lib/series";

const LEFT = 56;
const BOTTOM = 40;
const TOP = 12;
const REACH_PX = 24;
/** Room that a label takes, in pixels. */
const LABEL_WIDTH = 160;

/** Labels that do not lie over one another; the first of those that would is kept. */
function apart(labels: { id: string; x: number; y: number }[]): Set<string> {
  const kept: typeof labels = [];
  for (const label of labels) {
    if (kept.every(({ x, y }) => Math.abs(y - label.y) > 14 || Math.abs(x - label.x) > LABEL_WIDTH)) {
      kept.push(label);
    }
  }
  return new Set(kept.map(({ id }) => id));
}

/** What output costs against how much context there is; both axes by powers of ten. */
export function PriceChart({ models, onOpen }: { models: Model[]; onOpen: (model: Model) => void }) {
  const [at, setAt] = useState<number>();
  const shown = models
    .filter((model) => (millions(model.price?.output) ?? 0) > 0 && (model.context_length ?? 0) > 0)
    .sort((one, other) => (millions(one.price?.output) ?? 0) - (millions(other.price?.output) ?? 0));
  const free = models.length - shown.length;
  if (shown.length === 0) {
    return <p className="text-text-2">None of these models has a price above zero and a known context.</p>;
  }
  const prices = shown.map((model) => millions(model.price?.output) ?? 1);
  const contexts = shown.map((model) => model.context_length ?? 1);
  const rows = decades(Math.min(...prices), Math.max(...prices));
  const columns = decades(Math.min(...contexts), Math.max(...contexts));
  const labelled = frontier(shown);
  const part = (value: number, scale: number[]) => {
    const [from = 1, to = 10] = [scale[0], scale.at(-1)];
    return Math.log10(value / from) / Math.log10(to / from);
  };
  const finding = `${shown.length} models; the cheapest is ${shortName(shown[0], shown[0]?.id ?? "")}`;
  return (
    <Card title="Output price per 1M against context">
      <Frame height={480} finding={finding}>
        {(width) => {
          const height = 480;
          const x = (value: number) => LEFT + part(value, columns) * (width - LEFT - 24);
          const y = (value: number) => TOP + (1 - part(value, rows)) * (height - TOP - BOTTOM);
          const written = apart(shown.flatMap((model, index) => (labelled.has(model.id) ? [{ id: model.id, x: x(contexts[index] ?? 1), y: y(prices[index] ?? 1) }] : [])));
          const pointed = at === undefined ? undefined : shown[at];
          return (
            <>
              <svg
                width={width}
                height={height}
                role="application"
                aria-label={finding}
                tabIndex={0}
                className="rounded-control"
                onKeyDown={(event) => {
                  const next = arrowed(event, at ?? -1, shown.length);
                  if (next !== undefined) {
                    setAt(next);
                  } else if (event.key === "Enter" && pointed) {
                    onOpen(pointed);
                  }
                }}
                onPointerMove={(event) => {
                  const box = event.currentTarget.getBoundingClientRect();
                  const distances = shown.map((_, index) =>
                    Math.hypot(x(contexts[index] ?? 1) - (event.clientX - box.left), y(prices[index] ?? 1) - (event.clientY - box.top)),
                  );
                  const nearest = distances.indexOf(Math.min(...distances));
                  setAt((distances[nearest] ?? Infinity) <= REACH_PX ? nearest : undefined);
                }}
                onPointerLeave={() => setAt(undefined)}
                onClick={() => pointed && onOpen(pointed)}
              >
                <Grid values={rows} left={LEFT} right={width} y={y} show={(value) => pricePerMillion(String(value / 1e6))} />
                {columns.map((value) => (
                  <text key={value} x={x(value)} y={height - 20} textAnchor="middle" className="fill-text-2 text-note">
                    {context(value)}
                  </text>
                ))}
                {shown.map((model, index) => {
                  const colour = authorColour(author(model.id));
                  const [cx, cy] = [x(contexts[index] ?? 1), y(prices[index] ?? 1)];
                  // Before its point, or behind it where the axis would cut it.
                  const behind = cx < LABEL_WIDTH;
                  return (
                    <g key={model.id}>
                      <circle
                        cx={cx}
                        cy={cy}
                        r={index === at ? 6 : 4}
                        className={model.expire_time ? STROKES[colour] : SHAPES[colour]}
                        fill={model.expire_time ? "none" : undefined}
                      />
                      {written.has(model.id) && (
                        <text x={behind ? cx + 8 : cx - 8} y={cy + 4} textAnchor={behind ? "start" : "end"} className="fill-text-2 text-note">
                          {shortName(model, model.id)}
                        </text>
                      )}
                    </g>
                  );
                })}
              </svg>
              {pointed && (
                <Tip x={x(pointed.context_length ?? 1)} width={width}>
                  <p className="font-medium">{shortName(pointed, pointed.id)}</p>
                  <p className="text-note text-text-2">
                    {pricePerMillion(pointed.price?.input)} in · {pricePerMillion(pointed.price?.output)} out · {context(pointed.context_length)}
                  </p>
                </Tip>
              )}
            </>
          );
        }}
      </Frame>
      {free > 0 && <p className="text-note text-text-2">{free} more are free or have no known price; they stand in the table.</p>}
    </Card>
  );
}
