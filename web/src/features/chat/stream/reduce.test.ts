import { expect, test } from "vitest";

import type { ChatEvent } from "@/lib/contract";

import { add, cut, NOTHING_YET, stop, type Answer } from "./reduce";

type Unnumbered = ChatEvent extends infer E ? (E extends ChatEvent ? Omit<E, "sequence"> : never) : never;

function fold(...events: Unnumbered[]): Answer {
  return events.reduce(
    (answer, event, at) => add(answer, { ...event, sequence: at + 1 } as ChatEvent),
    NOTHING_YET,
  );
}

const parts = (answer: Answer) => answer.blocks.map(({ part }) => part);

test("pieces of one block are put together and blocks keep their order", () => {
  const answer = fold(
    { event: "meta", data: { generation_id: "gen_1", provider: "sandbox" } },
    { event: "reasoning", data: { delta: { kind: "text", text: "First " } } },
    { event: "reasoning", data: { delta: { text: "think.", signature: "c2ln" } } },
    { event: "token", data: { block: 1, text: "Hel" } },
    { event: "token", data: { block: 1, text: "lo" } },
    { event: "reasoning", data: { block: 2, delta: { text: "Again." } } },
    { event: "token", data: { block: 3, text: "Bye" } },
    { event: "done", data: { finish_reason: "stop", cost_usd: 0.0161 } },
  );
  expect(parts(answer)).toEqual([
    { reasoning: { kind: "text", text: "First think.", signature: "c2ln" } },
    { text: "Hello" },
    { reasoning: { text: "Again." } },
    { text: "Bye" },
  ]);
  expect(answer.meta.generation_id).toBe("gen_1");
  expect(answer.end).toEqual({ kind: "done", done: { finish_reason: "stop", cost_usd: 0.0161 } });
});

test("parallel tool calls are told apart by their blocks", () => {
  const answer = fold(
    { event: "tool_calls", data: { block: 0, id: "call_1", name: "weather", arguments: '{"city"' } },
    { event: "tool_calls", data: { block: 1, id: "call_2", name: "time", arguments: "{}" } },
    { event: "tool_calls", data: { block: 0, arguments: ':"Basel"}' } },
  );
  expect(parts(answer)).toEqual([
    { tool_call: { id: "call_1", name: "weather", arguments: '{"city":"Basel"}' } },
    { tool_call: { id: "call_2", name: "time", arguments: "{}" } },
  ]);
});

test("images, refusals, sound and sources are kept", () => {
  const answer = fold(
    { event: "images", data: { block: 0, image: { data: "aGk=", media_type: "image/png" } } },
    { event: "token", data: { block: 1, text: "I ", refusal: true } },
    { event: "token", data: { block: 1, text: "won't", refusal: true } },
    { event: "audio", data: { block: 2, delta: { data: "aGk=", format: "mp3", transcript: "hi " } } },
    { event: "audio", data: { block: 2, delta: { data: "IQ==", transcript: "there" } } },
    { event: "citations", data: { citations: [{ url: "https://a.example/" }] } },
    { event: "citations", data: { citations: [{ url: "https://b.example/" }] } },
  );
  expect(parts(answer)).toEqual([
    { image: { data: "aGk=", media_type: "image/png" } },
    { refusal: "I won't" },
    { audio: { data: btoa("hi!"), format: "mp3", transcript: "hi there" } },
  ]);
  expect(answer.citations.map(({ url }) => url)).toEqual(["https://a.example/", "https://b.example/"]);
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
