import { expect, test } from "vitest";

import { bytes, context, cost, delta, duration, exactCost, pricePerMillion, relative, share, speed, spokenCost, tokens, total } from "./format";

test.each([
  [undefined, "–"],
  [0, "$0"],
  [12.4, "$12.40"],
  [0.412, "$0.412"],
  [0.01614, "$0.0161"],
  [0.000083, "$0.000083"],
  [0.00000083, "<$0.000001"],
])("a cost of %s reads %s", (usd, text) => expect(cost(usd)).toBe(text));

test.each([
  [undefined, "cost unknown"],
  [0, "no cost"],
  [12.4, "$12.40"],
  [0.412, "41 cents"],
  [0.01614, "1.6 cents"],
  [0.01, "1 cent"],
  [0.000083, "0.0083 cents"],
  [0.00000083, "less than 0.0001 cents"],
])("a cost of %s is said as %s", (usd, text) => expect(spokenCost(usd)).toBe(text));

test.each([
  [undefined, "–"],
  ["0", "Free"],
  ["0.000003", "$3"],
  ["0.00000125", "$1.25"],
  ["0.000000125", "$0.125"],
  ["0.0000003", "$0.30"],
  ["0.00000010001", "$0.10001"],
])("a price of %s a token reads %s", (price, text) => expect(pricePerMillion(price)).toBe(text));

test.each([
  [undefined, "–"],
  [834, "834"],
  [12_345, "12.3k"],
  [99_960, "100k"],
  [164_321, "164k"],
  [1_048_576, "1.05M"],
  [212_400_000, "212.4M"],
])("%s tokens read %s", (count, text) => expect(tokens(count)).toBe(text));

test.each([
  [0.42, "0.4 ms"],
  [18.2, "18 ms"],
  [420, "0.42 s"],
  [11_300, "11.3 s"],
  [72_000, "1 m 12 s"],
])("%s ms read %s", (ms, text) => expect(duration(ms).replaceAll("\u202F", " ")).toBe(text));

test("contexts stay round, and a speed needs a measured stream", () => {
  expect([context(200_000), context(1_048_576), context(0)]).toEqual(["200k", "1.05M", "–"]);
  expect([speed(780, 420, 10_420), speed(780, undefined, 10_000)]).toEqual(["78 tokens/s", undefined]);
});

test("sums, shares and changes", () => {
  expect([total(1204.1), total(0.0161), exactCost(0.01613925)]).toEqual(["$1,204.10", "$0.0161", "$0.016139250"]);
  expect([share(4, 1000), share(443, 1000), share(1, 10_000), share(1, 0)]).toEqual(["0.4%", "44%", "<0.1%", "–"]);
  expect([delta(112, 100), delta(88, 100), delta(5, 0)]).toEqual(["+12%", "\u221212%", undefined]);
  expect([bytes(214_000), bytes(1_200_000), bytes(12)].map((text) => text.replace("\u202F", " "))).toEqual([
    "214 kB",
    "1.2 MB",
    "12 B",
  ]);
});

test.each([
  ["2026-03-10T11:59:40", "just now"],
  ["2026-03-10T11:56:00", "4 min ago"],
  ["2026-03-10T08:00:00", "4 h ago"],
  ["2026-03-09T09:05:00", "Yesterday 09:05"],
  ["2026-02-01T14:05:00", "1 Feb 14:05"],
  ["2025-11-13T14:05:00", "13 Nov 2025"],
])("at noon of 10 March, %s reads %s", (time, text) => {
  expect(relative(time, new Date("2026-03-10T12:00:00").getTime())).toBe(text);
});
