import { expect, test } from "vitest";

import { readView, seriesOf, spanOf } from "./view";

const NOW = new Date("2026-03-10T15:30:00Z");

test("a span begins with its first whole interval and holds now", () => {
  const week = spanOf("7d", NOW);
  expect([week.start.toISOString(), week.end.toISOString(), week.steps.length]).toEqual([
    "2026-03-04T00:00:00.000Z",
    "2026-03-11T00:00:00.000Z",
    7,
  ]);
  expect(spanOf("24h", NOW).steps.at(-1)?.toISOString()).toBe("2026-03-10T15:00:00.000Z");
});

test("unknown words in the address fall back to the defaults", () => {
  expect(readView(new URLSearchParams("range=1000y&by=colour&metric=tokens"))).toEqual({
    ...{ range: "30d", by: "model", metric: "tokens", project: "" },
  });
});

test("rows become columns, and past seven names the rest is one", () => {
  const rows = Array.from({ length: 9 }, (_, at) => ({
    start: "2026-03-09T00:00:00Z",
    model: `m${at}`,
    totals: { cost_usd: 9 - at },
  }));
  const { names, values } = seriesOf(rows, spanOf("7d", NOW), "model", "cost");
  expect(names).toEqual(["m0", "m1", "m2", "m3", "m4", "m5", "Other"]);
  expect(values[5]).toEqual([9, 8, 7, 6, 5, 4, 6]);
  expect(values[6]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});
