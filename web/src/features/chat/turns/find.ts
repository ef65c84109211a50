// Words sought in a session: which turns have them, and where they stand on the page.
import { answerText, textOf, type Row } from "./rows";
import { answerNow } from "../stream/live";

/** Words marked at most: more would be no help, and take time. */
const MOST = 1000;
/** Its look is in globals.css. */
const NAME = "found";

/** The turns, by their place, in whose text some words stand, in any case of letters. */
export function turnsWith(rows: Row[], words: string): number[] {
  const sought = words.toLowerCase();
  return sought === "" ? [] : rows.flatMap((row, at) => (wordsOf(row).toLowerCase().includes(sought) ? [at] : []));
}

function wordsOf(row: Row): string {
  return row.kind === "prompt" ? textOf(row.message.content ?? []) : answerText(answerNow(row.live, row.answer));
}

/** Marks words in what is drawn. The first of them in `turn` is moved into view; whether that turn is drawn. */
export function mark(box: Element, words: string, turn: number | undefined): boolean {
  const row = box.querySelector(`[data-index="${turn}"]`);
  if ("highlights" in CSS) {
    const ranges = words === "" ? [] : rangesOf(box, words.toLowerCase());
    CSS.highlights.set(NAME, new Highlight(...ranges));
    const hit = ranges.find(({ startContainer }) => row?.contains(startContainer));
    hit?.startContainer.parentElement?.scrollIntoView({ block: "center" });
  }
  return row !== null;
}

/** Takes the marks away. */
export function unmark(): void {
  if ("highlights" in CSS) {
    CSS.highlights.delete(NAME);
  }
}

function rangesOf(box: Element, sought: string): Range[] {
  const ranges: Range[] = [];
  const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  while (ranges.length < MOST && texts.nextNode()) {
    const node = texts.currentNode;
    const text = node.nodeValue?.toLowerCase() ?? "";
    // A letter may have another length in the other case; then its places are not those of the page.
    const same = text.length === node.nodeValue?.length;
    for (let at = text.indexOf(sought); at >= 0 && same; at = text.indexOf(sought, at + sought.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + sought.length);
      ranges.push(range);
    }
  }
  return ranges;
}
