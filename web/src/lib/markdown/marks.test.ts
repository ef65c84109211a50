import { expect, test } from "vitest";

import { cutAtMarks, marked, sourcesOf, unmarked } from "./marks";

const A = { url: "https://a.example/", title: "A" };
const B = { url: "https://b.example/", title: "B" };

/** The texts with each mark as its number in brackets. */
function read(texts: string[], citations: Parameters<typeof marked>[1]): string[] {
  return marked(texts, citations).map((text) => cutAtMarks(text).map((piece) => (typeof piece === "number" ? `(${piece})` : piece)).join(""));
}

test("a source is numbered once, in the order of first use", () => {
  expect(sourcesOf([B, A, { ...B, end_index: 9 }]).map(({ url, number }) => [url, number])).toEqual([
    [B.url, 1],
    [A.url, 2],
  ]);
});

test("a mark stands behind the passage that rests on its source", () => {
  const citations = [
    { ...A, start_index: 0, end_index: 4 },
    { ...B, start_index: 5, end_index: 10 },
    { ...A, start_index: 5, end_index: 10 },
  ];
  expect(read(["One. Other."], citations)).toEqual(["One.(1) Other(1)(2)."]);
});

test("characters are counted over all texts, and not as UTF-16 counts them", () => {
  expect(read(["👋👋 hi", "Bye."], [{ ...A, end_index: 2 }, { ...B, end_index: 9 }])).toEqual(["👋👋(1) hi", "Bye.(2)"]);
});

test.each([
  ["a word", "Hello there", 2, "Hello(1) there"],
  ["a link", "See [it](https://a.example/x) now", 12, "See [it](https://a.example/x)(1) now"],
  ["code", "Run `cargo test` now", 8, "Run `cargo test`(1) now"],
])("no mark stands in the middle of %s", (_, text, end, expected) => {
  expect(read([text], [{ ...A, end_index: end }])).toEqual([expected]);
});

test("a source without a place has no mark, and a place behind the end none yet", () => {
  expect(read(["Hello"], [A, { ...B, end_index: 40 }])).toEqual(["Hello"]);
});

test("what cannot hold a mark is given without", () => {
  expect(unmarked(marked(["Hello"], [{ ...A, end_index: 5 }])[0] ?? "")).toBe("Hello");
});
