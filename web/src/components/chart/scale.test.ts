import { expect, test } from "vitest";

import { decades, every, ticks } from "./scale";

test.each([
  [28, [0, 10, 20, 30]],
  [0.0071, [0, 0.002, 0.004, 0.006, 0.008]],
  [100, [0, 25, 50, 75, 100]],
  [0, [0, 1]],
])("an axis to %s has round steps", (most, expected) => expect(ticks(most)).toEqual(expected));

test("a logarithmic axis begins and ends at powers of ten", () => {
  expect(decades(0.03, 75)).toEqual([0.01, 0.1, 1, 10, 100]);
  expect([every(30, 6), every(3, 6)]).toEqual([5, 1]);
});
