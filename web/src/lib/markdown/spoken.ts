// Markdown as one would read it out: its words without their marks.
import type { Token, Tokens } from "marked";

import { unmarked } from "./marks";
import { lexLine, unescaped } from "./split";

/** The words of a block; code is only said to be there. */
export function spoken(token: Token): string {
  switch (token.type) {
    case "code": {
      const lines = (token as Tokens.Code).text.split("\n").length;
      return `Code, ${lines === 1 ? "1 line" : `${lines} lines`}`;
    }
    case "list":
      return (token as Tokens.List).items.map(({ tokens }) => all(tokens)).join(". ");
    case "blockquote":
      return all((token as Tokens.Blockquote).tokens);
    case "table": {
      const { header, rows } = token as Tokens.Table;
      return [header, ...rows].map((cells) => cells.map(({ text }) => plain(text)).join(", ")).join(". ");
    }
    case "heading":
    case "paragraph":
    case "text":
    case "html":
      return plain((token as Tokens.Text).text);
    default:
      return "text" in token && typeof token.text === "string" ? token.text : "";
  }
}

function all(tokens: Token[]): string {
  return tokens.map(spoken).filter(Boolean).join(" ");
}

/** A line's words. */
function plain(text: string): string {
  return lexLine(text).map(span).join("").replace(/\s+/g, " ").trim();
}

function span(token: Token): string {
  if ("tokens" in token && token.tokens) {
    return token.tokens.map(span).join("");
  }
  return token.type === "br" ? " " : unmarked(unescaped("text" in token ? String(token.text) : ""));
}
