import { expect, test } from "vitest";

import { safeHref, trueHost } from "./links";
import { EMPTY, GROUP, grow, lex } from "./split";

const PIECES = [
  "Some *text* and `code`.\n\n",
  "# Heading\n\n",
  "- one\n- two\n  - three\n\n",
  "1. first\n\n2. second\n\n",
  "```rust\nfn main() {}\n\nlet x = 1;\n```\n\n",
  "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
  "$$x = \\frac{1}{2}$$\n\n",
  "> quoted\n> again\n\n",
  "line one\nline two\n===\n\n",
  "~~~\n```\n~~~\n\n",
  "It costs $5 and $6, or $x^2$.\n\n",
];

/** A small generator of its own, so that a failure comes back. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("any split of a document reads as the document does", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const next = random(seed);
    const text = Array.from({ length: 1 + next(12) }, () => PIECES[next(PIECES.length)]).join("");
    let split = EMPTY;
    for (let at = 0; at < text.length; ) {
      at = Math.min(text.length, at + 1 + next(30));
      split = grow(split, text.slice(0, at));
    }
    const raws = (tokens: { type: string; raw: string }[]) =>
      tokens.filter(({ type }) => type !== "space").map(({ type, raw }) => [type, raw.trim()]);
    expect(raws([...split.settled.flat(), ...lex(split.tail)]), `seed ${seed}`).toEqual(raws(lex(text)));
  }
});

test("settled blocks keep their identity", () => {
  const text = PIECES.join("").repeat(8);
  const first = grow(EMPTY, text);
  const copy = structuredClone(first);
  const second = grow(first, text + text);
  expect(first).toEqual(copy);
  expect(first.settled.length).toBeGreaterThan(1);
  expect(second.settled.flat().length).toBeGreaterThan(first.settled.flat().length);
  expect(first.settled.flat().every((block, at) => block === second.settled.flat()[at])).toBe(true);
  expect(second.settled.slice(0, -1).every((group) => group.length === GROUP)).toBe(true);
  expect(second.settled.slice(0, first.settled.length - 1).every((group, at) => group === first.settled[at])).toBe(true);
});

test.each(["javascript:alert(1)", "data:text/html,x", "//example.org", "https://exa\u202Emple.org", "file:///etc/passwd"])(
  "%s is no link",
  (href) => expect(safeHref(href)).toBeUndefined(),
);

test("a link that looks like another host tells its own", () => {
  const url = safeHref("https://evil.example/x");
  expect(url && [trueHost(url, "https://bank.example"), trueHost(url, "evil.example"), trueHost(url, "here")]).toEqual([
    "evil.example",
    undefined,
    undefined,
  ]);
});
