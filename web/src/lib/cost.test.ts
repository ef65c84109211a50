import { expect, test } from "vitest";

import { termsOf } from "./cost";

test("each class that was used is a count times a price; thinking costs as output does", () => {
  const usage = { input_tokens: 1000, output_tokens: 0, reasoning_tokens: 10, web_searches: 1 };
  expect(termsOf(usage, { input: "0.000003", output: "0.000015" })).toEqual([
    { name: "Input", count: 1000, price: "0.000003", usd: 0.003 },
    { name: "Thinking", count: 10, price: "0.000015", usd: expect.closeTo(0.00015) },
    { name: "Web searches", count: 1, price: undefined, usd: undefined },
  ]);
});
