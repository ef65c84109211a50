import { expect, test } from "vitest";

import { colours, OTHER } from "./series";

const of = (group: string, ...names: string[]) => names.map((name) => colours(group, names).get(name));

test("an author's dearest model has its colour, a sibling the first that is free", () => {
  expect(of("authors", "anthropic/a", "openai/b", "anthropic/c", OTHER)).toEqual([4, 3, 1, 0]);
});

test("a name keeps its colour whatever is shown beside it, and however it ranks", () => {
  const first = of("filters", "one", "two", "three");
  expect(of("filters", "three", "one")).toEqual([first[2], first[0]]);
  expect(of("filters", "two")).toEqual([first[1]]);
});

test("names that were first seen apart have colours of their own when they meet", () => {
  const [one] = of("apart", "one");
  const [two] = of("apart", "two");
  expect(of("apart", "one", "two")).toEqual([one, two]);
  expect(one).not.toBe(two);
});

test("where all colours are taken, those that are shown still differ", () => {
  for (const name of "abcdefg") {
    of("many", name);
  }
  const shown = of("many", "h", "i", "a", "b");
  expect(new Set(shown).size).toBe(shown.length);
});
