import { expect, test } from "vitest";

import { barsOf } from "./bars";

const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();

test("attempts stand where they were in time, waiting and streaming apart", () => {
  const { bars, spanMs } = barsOf(
    [
      { index: 1, start_time: at(0), end_time: at(100) },
      { index: 2, start_time: at(100), first_token_time: at(500), end_time: at(1000), won: true },
    ],
    at(0),
  );
  expect(spanMs).toBe(1000);
  expect(bars[0]).toMatchObject({ start: 0, first: undefined, end: 0.1, totalMs: 100 });
  expect(bars[1]).toMatchObject({ start: 0.1, first: 0.5, end: 1, startMs: 100, waitMs: 400, totalMs: 900 });
});

test("an attempt that still runs reaches to the end of what is known", () => {
  expect(barsOf([{ start_time: at(0) }], at(0)).bars[0]).toMatchObject({ end: 1, totalMs: undefined });
});
