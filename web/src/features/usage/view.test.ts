import { expect, test } from "vitest";

import { beside, dwarfs, only, readView, seriesOf, spanOf, within, written } from "./view";

const NOW = new Date("2026-03-10T15:30:00Z");
const view = (address: string) => readView(new URLSearchParams(address));
const iso = ({ start, end }: { start: Date; end: Date }) => [start.toISOString().slice(0, 16), end.toISOString().slice(0, 16)];

test("a span begins with its first whole interval and holds now", () => {
  const week = spanOf(view("range=7d"), NOW);
  expect([week.start.toISOString(), week.end.toISOString(), week.steps.length]).toEqual([
    "2026-03-04T00:00:00.000Z",
    "2026-03-11T00:00:00.000Z",
    7,
  ]);
  expect(spanOf(view("range=24h"), NOW).steps.at(-1)?.toISOString()).toBe("2026-03-10T15:00:00.000Z");
});

test("unknown words in the address fall back to the defaults", () => {
  expect(view("range=1000y&by=colour&metric=tokens&start=yesterday&end=2026-03-01")).toEqual({
    ...{ range: "30d", start: undefined, end: undefined, by: "model", metric: "tokens", project: "", log: false },
  });
});

test("rows become columns, and past seven names the rest is one", () => {
  const rows = Array.from({ length: 9 }, (_, at) => ({
    start: "2026-03-09T00:00:00Z",
    model: `m${at}`,
    totals: { cost_usd: 9 - at },
  }));
  const { names, values } = seriesOf(rows, spanOf(view("range=7d"), NOW), "model", "cost");
  expect(names).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "Other"]);
  expect(values[5]).toEqual([9, 8, 7, 6, 5, 4, 6]);
  expect(values[6]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test("a custom range is read as it was written, in whole intervals of a fitting width", () => {
  const days = spanOf(view("start=2026-02-01&end=2026-02-11&range=7d"), NOW);
  expect([days.interval, days.steps.length, ...iso(days)]).toEqual(["day", 10, "2026-02-01T00:00", "2026-02-11T00:00"]);
  const hours = spanOf(view("start=2026-02-01T05:30Z&end=2026-02-01T08:00Z"), NOW);
  expect([hours.interval, hours.steps.length, ...iso(hours)]).toEqual(["hour", 3, "2026-02-01T05:00", "2026-02-01T08:00"]);
  const weeks = spanOf(view("start=2025-03-05&end=2026-03-05"), NOW);
  expect([weeks.interval, weeks.steps[0]?.getUTCDay(), weeks.steps.length]).toEqual(["week", 1, 53]);
  expect(written(new Date("2026-02-01T00:00Z"), new Date("2026-02-01T08:00Z"))).toEqual({
    ...{ start: "2026-02-01", end: "2026-02-01T08:00Z", range: undefined },
  });
});

test("a part of a span, and the spans beside it", () => {
  const week = spanOf(view("range=7d"), NOW);
  expect(iso(within(week, 1, 2))).toEqual(["2026-03-05T00:00", "2026-03-07T00:00"]);
  expect(iso(within(week, 6, 6))).toEqual(["2026-03-10T00:00", "2026-03-11T00:00"]);
  expect(iso(beside(week, -1))).toEqual(["2026-02-25T00:00", "2026-03-04T00:00"]);
});

test("a logarithmic scale is offered where one series dwarfs the usual one", () => {
  const names = ["a", "b", "c"];
  expect(dwarfs({ names, values: [[50, 2, 1], [50, 1, 1]] })).toBe(true);
  expect(dwarfs({ names, values: [[5, 2, 1]] })).toBe(false);
  expect(dwarfs({ names: ["a"], values: [[5]] })).toBe(false);
});

test("a name that is hidden leaves the others and their values", () => {
  const series = { names: ["a", "b", "c"], values: [[1, 2, 3], [4, 5, 6]] };
  expect(only(series, (name) => name !== "b")).toEqual({ names: ["a", "c"], values: [[1, 3], [4, 6]] });
});
