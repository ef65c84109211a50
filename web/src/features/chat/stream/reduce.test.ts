// The fold is held to the same events as the gateway's own: tests/wire/folds, which tests/it/wire/folds.rs reads too.
import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { ChatEvent, Message } from "@/lib/contract";

import { add, cut, NOTHING_YET, stop, type Answer } from "./reduce";

const FOLDS = new URL("../../../../../tests/wire/folds/", import.meta.url);

type Unnumbered = ChatEvent extends infer E ? (E extends ChatEvent ? Omit<E, "sequence"> : never) : never;

function fold(...events: Unnumbered[]): Answer {
  return events.reduce(
    (answer, event, at) => add(answer, { ...event, sequence: at + 1 } as ChatEvent),
    NOTHING_YET,
  );
}

const parts = (answer: Answer) => answer.blocks.map(({ part }) => part);

/** The answer as the gateway would tell it whole. */
function whole(answer: Answer) {
  const { message_id: id, parent_message_id: parent, ...meta } = answer.meta;
  const content = parts(answer);
  const message: Message = {
    role: "assistant",
    ...(content.length > 0 ? { content } : {}),
    ...(answer.citations.length > 0 ? { citations: answer.citations } : {}),
    ...(id ? { id } : {}),
    ...(parent ? { parent_id: parent } : {}),
  };
  return { ...meta, message, ...(answer.end?.kind === "done" ? answer.end.done : {}) };
}

/** Events in the contract's JSON, which names a case by its field. */
function read(name: string): { events: ChatEvent[]; answer: unknown } {
  const { events, answer } = JSON.parse(readFileSync(new URL(name, FOLDS), "utf8")) as {
    events: Record<string, unknown>[];
    answer: unknown;
  };
  const told = events.map(({ sequence, ...one }) => {
    const [[event, data] = []] = Object.entries(one);
    return { sequence, event, data } as ChatEvent;
  });
  return { events: told, answer };
}

test.each(readdirSync(FOLDS))("%s folds to the answer that stands beside its events", (name) => {
  const { events, answer } = read(name);
  expect(events.length).toBeGreaterThan(1);
  const folded = events.reduce((before, event) => add(before, event), NOTHING_YET);
  expect(whole(folded)).toEqual(answer);
  expect(folded.end?.kind).toBe(events.at(-1)?.event);
  // A stream that was rejoined repeats itself.
  expect(events.reduce((before, event) => add(before, event), folded)).toBe(folded);
});

test("an event that was seen before changes nothing", () => {
  const once = fold({ event: "meta", data: {} }, { event: "token", data: { text: "Hello" } });
  expect(add(once, { sequence: 2, event: "token", data: { text: "Hello" } })).toBe(once);
});

test("an error keeps what came before it, and the first end counts", () => {
  const failed = fold(
    { event: "token", data: { text: "Half" } },
    { event: "error", data: { reason: "provider_stream_truncated", message: "the stream ended early" } },
  );
  expect(parts(failed)).toEqual([{ text: "Half" }]);
  expect(failed.end).toMatchObject({ kind: "error", error: { reason: "provider_stream_truncated" } });
  expect(stop(failed)).toBe(failed);
  expect(cut(failed, { message: "later" })).toBe(failed);
});

test("earlier answers are never changed", () => {
  const before = fold({ event: "token", data: { text: "a" } });
  const copy = structuredClone(before);
  add(before, { sequence: 2, event: "token", data: { text: "b" } });
  expect(before).toEqual(copy);
});

test("a block knows when it began and when its last piece came", () => {
  const first = add(NOTHING_YET, { sequence: 1, event: "reasoning", data: { delta: { text: "a" } } }, 100);
  const second = add(first, { sequence: 2, event: "reasoning", data: { delta: { text: "b" } } }, 250);
  expect(second.blocks[0]).toMatchObject({ from: 100, to: 250 });
});
