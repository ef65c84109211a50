"use client";

import clsx from "clsx";
import type { Token, Tokens } from "marked";
import type { ReactNode } from "react";

import { CodeBlock } from "./code";
import { Formula } from "./formula";
import { RemoteImage } from "./remote-image";
import { withMarks } from "./source-mark";
import { safeHref, trueHost } from "@/lib/markdown/links";
import { unmarked } from "@/lib/markdown/marks";
import type { MathToken } from "@/lib/markdown/math";
import { lexLine, unescaped } from "@/lib/markdown/split";

/** One block of Markdown by a closed list of elements; HTML is text. */
export function BlockView({ token, live }: { token: Token; live: boolean }): ReactNode {
  switch (token.type) {
    case "heading": {
      const { depth, text } = token as Tokens.Heading;
      // The page has one h1, and an answer's headings stand under its turn's.
      const Level = `h${Math.min(6, depth + 2)}` as "h3" | "h4" | "h5" | "h6";
      return <Level className={clsx("pt-1 font-semibold", depth <= 3 && "text-heading")}>{inline(text)}</Level>;
    }
    case "paragraph":
      return <p className={clsx(live && "caret")}>{inline((token as Tokens.Paragraph).text)}</p>;
    case "text":
      return <span className={clsx(live && "caret")}>{inline((token as Tokens.Text).text)}</span>;
    case "code": {
      const { text, lang = "" } = token as Tokens.Code;
      return <CodeBlock code={unmarked(text)} language={lang.split(/\s/)[0] ?? ""} live={live} />;
    }
    case "math":
      return <Formula text={unmarked((token as MathToken).text)} display />;
    case "blockquote":
      return (
        <blockquote className="flex flex-col gap-2 border-l-2 border-line-strong pl-4 text-text-2">
          {blocks((token as Tokens.Blockquote).tokens)}
        </blockquote>
      );
    case "list":
      return <List token={token as Tokens.List} live={live} />;
    case "table":
      return <Table token={token as Tokens.Table} />;
    case "hr":
      return <hr className="border-line" />;
    case "def":
    case "space":
      return null;
    default:
      return <p className="whitespace-pre-wrap">{withMarks(token.raw)}</p>;
  }
}

function blocks(tokens: Token[], live = false): ReactNode {
  return tokens.map((token, at) => <BlockView key={at} token={token} live={live && at === tokens.length - 1} />);
}

function List({ token, live }: { token: Tokens.List; live: boolean }) {
  const items = token.items.map((item, at) => (
    <li key={at} className={clsx("flex-col gap-1", item.task && "list-none")}>
      {item.task && <input type="checkbox" checked={item.checked ?? false} readOnly aria-label="Done" className="mr-2" />}
      {blocks(item.tokens.filter(({ type }) => type !== "checkbox"), live && at === token.items.length - 1)}
    </li>
  ));
  return token.ordered ? (
    <ol start={Number(token.start) || 1} className="flex list-decimal flex-col gap-1 pl-6 marker:text-text-2">
      {items}
    </ol>
  ) : (
    <ul className="flex list-disc flex-col gap-1 pl-5 marker:text-text-3">{items}</ul>
  );
}

function Table({ token }: { token: Tokens.Table }) {
  const align = (at: number) => ({ left: "text-left", right: "text-right", center: "text-center" })[token.align[at] ?? "left"];
  return (
    <div tabIndex={0} role="region" aria-label="Table" className="overflow-x-auto rounded-card border border-line bg-surface">
      <table className="w-full border-separate border-spacing-0 text-ui">
        <thead className="bg-sunken text-note text-text-2">
          <tr>
            {token.header.map((cell, at) => (
              <th key={at} scope="col" className={clsx("px-3 py-2 font-medium", align(at))}>
                {inline(cell.text)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td key={at} className={clsx("border-t border-line px-3 py-2", align(at))}>
                  {inline(cell.text)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(text: string): ReactNode {
  return spans(lexLine(text));
}

function spans(tokens: Token[] = []): ReactNode {
  return tokens.map((token, at) => <Span key={at} token={token} />);
}

function Span({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "text":
    case "escape":
      return "tokens" in token && token.tokens ? spans(token.tokens) : withMarks(unescaped((token as Tokens.Text).text));
    case "strong":
      return <strong className="font-semibold">{spans((token as Tokens.Strong).tokens)}</strong>;
    case "em":
      return <em>{spans((token as Tokens.Em).tokens)}</em>;
    case "del":
      return <del>{spans((token as Tokens.Del).tokens)}</del>;
    case "codespan":
      return (
        <code className="rounded-tile border border-line bg-sunken px-1 py-px font-mono text-code">
          {unmarked(unescaped((token as Tokens.Codespan).text))}
        </code>
      );
    case "br":
      return <br />;
    case "math":
      return <Formula text={unmarked((token as MathToken).text)} display={(token as MathToken).display} />;
    case "link":
      return <LinkView token={token as Tokens.Link} />;
    case "image": {
      const { href, text } = token as Tokens.Image;
      return <RemoteImage href={unmarked(href)} alt={unmarked(text)} />;
    }
    default:
      return withMarks(token.raw);
  }
}

function LinkView({ token }: { token: Tokens.Link }) {
  const url = safeHref(unmarked(token.href));
  if (!url) {
    return withMarks(token.raw);
  }
  const host = trueHost(url, unmarked(token.text));
  return (
    <>
      <a
        href={url.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="text-accent-text underline decoration-line-strong underline-offset-2 hover:decoration-current"
      >
        {spans(token.tokens)}
      </a>
      {host && <span className="text-note text-text-2"> ({host})</span>}
    </>
  );
}
