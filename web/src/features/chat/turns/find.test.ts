import { expect, test } from "vitest";

import { turnsWith } from "./find";
import type { Row } from "./rows";
import { NOTHING_YET } from "../stream/reduce";

const prompt = (text: string): Row => ({ kind: "prompt", id: text, number: 1, message: { role: "user", content: [{ text }] } });
const answer: Row = { kind: "answer", id: "a", number: 1, model: "", results: new Map(), answer: NOTHING_YET };

test.each([
  ["pelican", [0, 2]],
  ["PELICANS", [2]],
  ["a.*n", []],
  ["", []],
])("%j stands in the turns %j", (words, turns) => {
  expect(turnsWith([prompt("A pelican"), answer, prompt("Two Pelicans")], words)).toEqual(turns);
});
