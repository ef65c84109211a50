// Formulas in Markdown: $…$, $$…$$, \(…\) and \[…\].
import { Marked, type MarkedExtension, type TokenizerAndRendererExtension } from "marked";

export interface MathToken {
  type: "math";
  raw: string;
  text: string;
  display: boolean;
}

const BLOCK = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n+|$)/;
// A dollar before a blank or after one, or before a digit at its end, is money.
const INLINE = /^(?:\$\$([^$\n]+?)\$\$|\$(?!\s)((?:\\.|[^$\\\n])+?)(?<!\s)\$(?!\d)|\\\((.+?)\\\)|\\\[(.+?)\\\])/;

const block: TokenizerAndRendererExtension = {
  name: "math",
  level: "block",
  start: (source) => /\$\$|\\\[/.exec(source)?.index,
  tokenizer(source) {
    const found = BLOCK.exec(source);
    return found ? { type: "math", raw: found[0], text: (found[1] ?? found[2] ?? "").trim(), display: true } : undefined;
  },
};

const inline: TokenizerAndRendererExtension = {
  name: "math",
  level: "inline",
  start: (source) => /\$|\\[([]/.exec(source)?.index,
  tokenizer(source) {
    const found = INLINE.exec(source);
    if (!found) {
      return undefined;
    }
    const text = found[1] ?? found[2] ?? found[3] ?? found[4] ?? "";
    return { type: "math", raw: found[0], text, display: found[1] !== undefined || found[4] !== undefined };
  },
};

let known: Marked["defaults"]["extensions"] | undefined;

/** What the lexer has to know beside Markdown itself. */
export function extensions() {
  const extension: MarkedExtension = { extensions: [block, inline] };
  known ??= new Marked(extension).defaults.extensions;
  return known ?? null;
}
