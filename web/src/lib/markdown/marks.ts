// Marks of sources in a text: a private character each, put in before the text is read as Markdown.
import type { Citation } from "@/lib/contract";

export interface Source extends Citation {
  /** From 1, in the order of first use. */
  number: number;
}

const FIRST = 0xe100;
const MOST = 0x400;
const MARKS = /[\uE100-\uE4FF]/g;

/** What no mark may stand in the middle of: links, code, formulas, addresses and words. */
const WHOLE = /!?\[[^\]\n]*\]\([^)\n]*\)|`[^`\n]+`|\$[^$\n]+\$|https?:\/\/[^\s)\]]+|[\p{L}\p{N}_]+/gu;

/** Each source once, however often it is cited. */
export function sourcesOf(citations: Citation[]): Source[] {
  const unique = new Map<string, Source>();
  for (const citation of citations) {
    if (!unique.has(keyOf(citation))) {
      unique.set(keyOf(citation), { ...citation, number: unique.size + 1 });
    }
  }
  return [...unique.values()];
}

/**
 * The texts of an answer with a mark behind each passage that rests on a source. Providers count the characters of all
 * its texts together.
 */
export function marked(texts: string[], citations: Citation[]): string[] {
  const numbers = new Map(sourcesOf(citations).map((source) => [keyOf(source), source.number]));
  const ends = citations
    .map((citation) => ({ end: citation.end_index ?? 0, number: numbers.get(keyOf(citation)) ?? 0 }))
    .filter(({ end, number }) => end > 0 && number < MOST)
    .sort((one, other) => one.end - other.end || one.number - other.number);
  if (ends.length === 0) {
    return texts;
  }
  let before = 0;
  return texts.map((text) => {
    const length = characters(text);
    const here = ends.filter(({ end }) => end > before && end <= before + length);
    const places = here.map(({ end, number }) => ({ number, at: offset(text, end - before) }));
    before += length;
    return put(text, places);
  });
}

/** A text between its marks; a mark is its number. */
export function cutAtMarks(text: string): (string | number)[] {
  return text.split(/([\uE100-\uE4FF])/).flatMap((piece): (string | number)[] => {
    const number = piece.length === 1 ? piece.charCodeAt(0) - FIRST : -1;
    return number > 0 && number < MOST ? [number] : piece ? [piece] : [];
  });
}

/** A text without marks, where none can be drawn. */
export function unmarked(text: string): string {
  return text.replace(MARKS, "");
}

function keyOf({ url, title }: Citation): string {
  return url || title || "";
}

function put(text: string, places: { at: number; number: number }[]): string {
  const marks = new Map<number, Set<number>>();
  for (const { at, number } of places) {
    const free = Math.min(text.length, freePlace(text, at));
    marks.set(free, (marks.get(free) ?? new Set()).add(number));
  }
  let out = "";
  let from = 0;
  for (const [at, numbers] of [...marks].sort(([one], [other]) => one - other)) {
    out += text.slice(from, at) + [...numbers].map((number) => String.fromCharCode(FIRST + number)).join("");
    from = at;
  }
  return out + text.slice(from);
}

function freePlace(text: string, at: number): number {
  // What surrounds a place is on its line.
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at);
  const line = text.slice(start, end < 0 ? text.length : end);
  for (const { index, 0: whole } of line.matchAll(WHOLE)) {
    if (start + index < at && at < start + index + whole.length) {
      return start + index + whole.length;
    }
  }
  return at;
}

function characters(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF](?=[\uDC00-\uDFFF])/g)?.length ?? 0);
}

/** Where the given character stands in a text, whose positions count some characters twice. */
function offset(text: string, character: number): number {
  let at = 0;
  for (let seen = 0; seen < character && at < text.length; seen += 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}
