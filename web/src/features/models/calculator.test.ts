import { expect, test } from "vitest";

import { costOf } from "./calculator";

const MODEL = {
  id: "a/b",
  price: {
    input: "0.000003",
    output: "0.000015",
    cache_read: "0.0000003",
    tiers: [{ min_input_tokens: 200_000, price: { input: "0.000006" } }],
  },
};

test("a use is priced by class and tier", () => {
  expect(costOf(MODEL, { input: 2000, output: 500, cached: 0, requests: 10_000 })).toBeCloseTo(135);
  expect(costOf(MODEL, { input: 2000, output: 500, cached: 50, requests: 1 })).toBeCloseTo(0.0108);
  expect(costOf(MODEL, { input: 300_000, output: 0, cached: 0, requests: 1 })).toBeCloseTo(1.8);
  expect(costOf({ id: "a/c" }, { input: 1, output: 1, cached: 0, requests: 1 })).toBeUndefined();
});
