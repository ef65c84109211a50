// Markdown as it streams: blocks that can no longer change are settled and never parsed again.
import { Lexer, type Token } from "marked";

import { extensions } from "./math";

export interface Split {
  /** Blocks that are done, in order and in groups; blocks keep their identity, and groups do once they are full. */
  settled: Token[][];
  /** The source after them. */
  tail: string;
  /** How many characters were taken. */
  length: number;
}

export const EMPTY: Split = { settled: [], tail: "", length: 0 };

/** Blocks of a group, which is drawn, measured and passed over as one. */
export const GROUP = 40;

/** Tokens that have to follow a blank line before what stands before it is settled: a later line may join two blocks. */
const FOLLOWERS = 2;

function lexer(): Lexer {
  return new Lexer({ gfm: true, extensions: extensions() });
}

export function lex(source: string): Token[] {
  return lexer().blockTokens(source.replace(/\r\n|\r/g, "\n"), []);
}

/** The spans of a line. */
export function lexLine(text: string): Token[] {
  return lexer().inlineTokens(text);
}

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

/** The lexer escapes for HTML, which is not what is made here. */
export function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** The split after the text has grown to `text`. Only what is new and the tail are read. */
export function grow(split: Split, text: string): Split {
  if (text.length < split.length) {
    return grow(EMPTY, text);
  }
  if (text.length === split.length) {
    return split;
  }
  const tail = split.tail + text.slice(split.length);
  const next = { settled: split.settled, tail, length: text.length };
  // An open fence ends only with its closing line: nothing is looked for until that comes.
  const fence = /^ {0,3}(`{3,}|~{3,})[^\n]*\n/.exec(tail);
  if (fence && !closes(tail.slice(fence[0].length), fence[1] ?? "")) {
    return next;
  }
  const tokens = lex(tail);
  let last = -1;
  for (let at = 0; at < tokens.length - FOLLOWERS; at += 1) {
    if (tokens[at]?.type === "space" || /\n\n$/.test(tokens[at]?.raw ?? "")) {
      last = at;
    }
  }
  if (last < 0) {
    return next;
  }
  const done = tokens.slice(0, last + 1);
  const taken = done.reduce((sum, { raw }) => sum + raw.length, 0);
  return { ...next, settled: grouped(split.settled, done), tail: tail.slice(taken) };
}

/** Splits texts of which each mostly goes on from the one before it; only what is new is read then. */
export function splitting(): (text: string) => Split {
  let last = { text: "", split: EMPTY };
  return (text) => {
    if (text !== last.text) {
      last = { text, split: grow(text.startsWith(last.text) ? last.split : EMPTY, text) };
    }
    return last.split;
  };
}

/** Groups after further blocks; blank lines are none. */
export function grouped(groups: Token[][], more: Token[]): Token[][] {
  const next = [...groups];
  for (const token of more.filter(({ type }) => type !== "space")) {
    const last = next.at(-1);
    if (last && last.length < GROUP) {
      // Once copied it is ours to fill.
      const own = groups.includes(last) ? [...last] : last;
      own.push(token);
      next[next.length - 1] = own;
    } else {
      next.push([token]);
    }
  }
  return next;
}

function closes(body: string, fence: string): boolean {
  return new RegExp(`^ {0,3}${fence.charAt(0)}{${fence.length},}[ \\t]*$`, "m").test(body);
}
