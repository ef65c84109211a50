import { expect, test } from "vitest";

import { counts, frontier, isUsual, readView, select, USUAL } from "./view";
import type { Model } from "@/lib/contract";

const model = (id: string, input: string | undefined, context: number, more: Partial<Model> = {}): Model => ({
  id,
  context_length: context,
  ...(input === undefined ? {} : { price: { input, output: input } }),
  endpoints: [{ provider: "p", available: true }],
  ...more,
});
const MODELS = [
  model("a/cheap", "0.0000001", 8000),
  model("a/dear", "0.00001", 200_000, { supported_parameters: ["tools"] }),
  model("b/unknown", undefined, 100_000),
  model("b/away", "0.000001", 4000, { endpoints: [] }),
];
const ids = (query: string) => select(MODELS, readView(new URLSearchParams(query))).map(({ id }) => id);

test("a view is read from the address, and unknown words in it are ignored", () => {
  expect(ids("")).toEqual(["a/cheap", "a/dear", "b/unknown"]);
  expect(ids("cap=tools,telepathy")).toEqual(["a/dear"]);
  expect(ids("served=all&q=b")).toEqual(["b/away", "b/unknown"]);
  expect(ids("max_in=1&ctx=5000")).toEqual(["a/cheap"]);
});

test("what else can be chosen is counted among those that fit", () => {
  const count = (query: string) => [...counts(select(MODELS, readView(new URLSearchParams(query))), ["tools", "thinking"])];
  expect(count("")).toEqual([["tools", 1], ["thinking", 0]]);
  expect(count("q=b")).toEqual([["tools", 0], ["thinking", 0]]);
});

test("what has no price comes last in either order", () => {
  expect(ids("sort=price_in")).toEqual(["a/cheap", "a/dear", "b/unknown"]);
  expect(ids("sort=-price_in")).toEqual(["a/dear", "a/cheap", "b/unknown"]);
});

test("the models that no cheaper one beats are found", () => {
  expect([...frontier(MODELS)]).toEqual(["a/cheap", "a/dear"]);
});

test("columns are those of the address that are known", () => {
  const columns = (query: string) => readView(new URLSearchParams(query)).columns;
  expect(columns("")).toEqual([]);
  expect(columns("cols=search,mood,context")).toEqual(["context", "search"]);
  expect([isUsual(USUAL), isUsual(["context"]), isUsual(columns("cols=cache,released,tokenizer,search"))]).toEqual([true, false, false]);
});
