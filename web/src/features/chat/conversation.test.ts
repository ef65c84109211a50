import { expect, test } from "vitest";

import { messages, next, type Step, type Turn } from "./conversation";

const run = (...steps: Step[]): Turn[] => steps.reduce(next, []);
const says = (sequence: number, text: string): Step => ({
  kind: "event",
  event: { sequence, event: "token", data: { text } },
});

test("what was said is sent again, and a turn that failed empty is not", () => {
  const turns = run(
    { kind: "ask", prompt: "Hello", model: "a/b" },
    says(1, "Hi"),
    { kind: "event", event: { sequence: 2, event: "done", data: {} } },
    { kind: "ask", prompt: "Lost", model: "a/b" },
    { kind: "cut", error: { message: "gone" } },
  );
  expect(messages(turns, "Next")).toEqual([
    { role: "user", content: "Hello" },
    { role: "assistant", content: [{ text: "Hi" }] },
    { role: "user", content: "Next" },
  ]);
});

test("trying again replaces the last answer, and stopping keeps what came", () => {
  const turns = run(
    { kind: "ask", prompt: "Hello", model: "a/b" },
    { kind: "cut", error: { message: "gone" } },
    { kind: "again", model: "c/d" },
    says(1, "Hi"),
    { kind: "stop" },
    { kind: "cut", error: { message: "the request was aborted" } },
  );
  expect(turns).toHaveLength(1);
  expect(turns[0]).toMatchObject({ model: "c/d", answer: { blocks: [{ part: { text: "Hi" } }], end: { kind: "stopped" } } });
});
