import { expect, test } from "vitest";

import { termsOf, timesDearer, whyUnknown } from "./cost";

const PRICE = { input: "0.000003", output: "0.000015" };

test("each class that was used is a count times a price, or that of the class that it is part of", () => {
  const usage = { input_tokens: 1000, cache_read_tokens: 10, output_tokens: 0, reasoning_tokens: 10, web_searches: 1 };
  expect(termsOf(usage, PRICE)).toEqual([
    { name: "Input", count: 1000, price: "0.000003", usd: 0.003 },
    { name: "Cache read", count: 10, price: "0.000003", usd: expect.closeTo(0.00003) },
    { name: "Thinking", count: 10, price: "0.000015", usd: expect.closeTo(0.00015) },
    { name: "Web searches", count: 1, price: undefined, usd: undefined },
  ]);
});

test("a long prompt costs what its tier says, and a fee of each request is a term", () => {
  const tiers = [{ min_input_tokens: 200_000, price: { input: "0.000006" } }];
  const price = { ...PRICE, request: "0.01", tiers };
  expect(termsOf({ input_tokens: 199_999 }, price).map(({ price: one }) => one)).toEqual(["0.000003", "0.01"]);
  expect(termsOf({ input_tokens: 200_000, output_tokens: 1 }, price).map(({ price: one }) => one)).toEqual(["0.000006", "0.000015", "0.01"]);
});

test("a side of which only the total is known is plain", () => {
  expect(termsOf({ total_input_tokens: 5, total_output_tokens: 7 }, PRICE).map(({ name, count }) => [name, count])).toEqual([["Input", 5], ["Output", 7]]);
});

test.each([
  [{}, PRICE, "Bedrock", "Bedrock reported no usage."],
  [{ input_tokens: 1 }, undefined, "Bedrock", "No price is known for this model."],
  [{ input_tokens: 1, web_searches: 2 }, PRICE, "Bedrock", "No price is known for web searches."],
])("of %j at %j from %s it is said why the cost is not known", (usage, price, provider, text) => {
  expect(whyUnknown(usage, price, provider)).toBe(text);
});

test.each([
  [PRICE, { input: "0.000001", output: "0.000001" }, 9],
  [PRICE, { input: "0", output: "0" }, Infinity],
  [{ input: "0", output: "0" }, PRICE, undefined],
  [PRICE, { input: "0.000001" }, undefined],
  [PRICE, undefined, undefined],
])("at %j it is as much dearer as at %j", (price, before, times) => {
  expect(timesDearer({ total_input_tokens: 1000, total_output_tokens: 1000 }, price, before)).toBe(times);
});
