// The fold of a chat's events into an answer: pure, and the mirror of `Fold` in the gateway's src/events.rs.
import type { ChatEvent, Citation, ContentPart, Done, ErrorDetail, Meta, Reasoning } from "@/lib/contract";

/** An answer as far as it has come. */
export interface Answer {
  /** What is known before the first word. */
  meta: Meta;
  /** The last event that was taken. */
  sequence: number;
  /** Content, in the order in which its blocks began. */
  blocks: Block[];
  citations: Citation[];
  /** How it ended; undefined while it runs. */
  end?: { kind: "done"; done: Done } | { kind: "error"; error: ErrorDetail } | { kind: "stopped" };
}

export interface Block {
  block: number;
  part: ContentPart;
  /** When its first and last pieces came, by the reader's clock in milliseconds. */
  from: number;
  to: number;
}

export const NOTHING_YET: Answer = { meta: {}, sequence: 0, blocks: [], citations: [] };

/** The answer after one more event, which came at a time. */
export function add(answer: Answer, event: ChatEvent, at = 0): Answer {
  // A resumed stream may repeat what was seen.
  if (event.sequence <= answer.sequence) {
    return answer;
  }
  return fold({ ...answer, sequence: event.sequence }, event, at);
}

/** The answer after its stream broke off, for this reason. */
export function cut(answer: Answer, error: ErrorDetail): Answer {
  return answer.end ? answer : { ...answer, end: { kind: "error", error } };
}

/** The answer after its reader stopped it. */
export function stop(answer: Answer): Answer {
  return answer.end ? answer : { ...answer, end: { kind: "stopped" } };
}

function fold(answer: Answer, event: ChatEvent, at: number): Answer {
  switch (event.event) {
    case "meta":
      return { ...answer, meta: event.data };
    case "token": {
      const { block, text = "", refusal } = event.data;
      return withPart(answer, at, block, refusal ? { refusal: "" } : { text: "" }, (part) => {
        if ("text" in part) {
          return { text: part.text + text };
        }
        return "refusal" in part ? { refusal: part.refusal + text } : part;
      });
    }
    case "reasoning": {
      const { block, delta = {} } = event.data;
      return withPart(answer, at, block, { reasoning: {} }, (part) =>
        "reasoning" in part ? { reasoning: appendReasoning(part.reasoning, delta) } : part,
      );
    }
    case "tool_calls": {
      const { block, ...delta } = event.data;
      return withPart(answer, at, block, { tool_call: {} }, (part) =>
        "tool_call" in part ? { tool_call: joined(part.tool_call, delta, { arguments: append }) } : part,
      );
    }
    case "images": {
      const { block, image } = event.data;
      return image ? withPart(answer, at, block, { image }, (part) => part) : answer;
    }
    case "audio": {
      const { block, delta = {} } = event.data;
      return withPart(answer, at, block, { audio: {} }, (part) =>
        "audio" in part ? { audio: joined(part.audio, delta, { data: appendBase64, transcript: append }) } : part,
      );
    }
    case "citations":
      return { ...answer, citations: [...answer.citations, ...(event.data.citations ?? [])] };
    case "done":
      return { ...answer, end: { kind: "done", done: event.data } };
    case "error":
      return { ...answer, end: { kind: "error", error: event.data } };
    default:
      // A later gateway may know further events.
      return answer;
  }
}

/** Changes the part of a block, made where the block is new. */
function withPart(
  answer: Answer,
  now: number,
  block = 0,
  fresh: ContentPart,
  change: (part: ContentPart) => ContentPart,
): Answer {
  const at = answer.blocks.findLastIndex((known) => known.block === block);
  const known = answer.blocks[at];
  if (!known) {
    return { ...answer, blocks: [...answer.blocks, { block, part: change(fresh), from: now, to: now }] };
  }
  return { ...answer, blocks: answer.blocks.with(at, { ...known, part: change(known.part), to: now }) };
}

type Append = (whole: string, piece: string) => string;

const append: Append = (whole, piece) => whole + piece;

/** Pieces are encoded apart, so their padding may stand in the middle. */
const appendBase64: Append = (whole, piece) => (whole.endsWith("=") ? btoa(atob(whole) + atob(piece)) : whole + piece);

/** Pieces of these fields are put together, the rest replaces what was not there. */
function joined<T extends object>(whole: T, delta: T, appends: { [Name in keyof T]?: Append }): T {
  const next = { ...whole, ...delta };
  for (const name of Object.keys(appends) as (keyof T)[]) {
    const text = appends[name]?.(String(whole[name] ?? ""), String(delta[name] ?? ""));
    if (text) {
      Object.assign(next, { [name]: text });
    }
  }
  return next;
}

function appendReasoning(whole: Reasoning, delta: Reasoning): Reasoning {
  const next = joined(whole, delta, { text: append, data: append, signature: append });
  const index = whole.index ?? delta.index;
  return index === undefined ? next : { ...next, index };
}
