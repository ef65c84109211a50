import { expect, test } from "vitest";

import { leafBelow, rows, waitingCalls } from "./rows";
import type { Live } from "../stream/live";
import { NOTHING_YET, type Answer } from "../stream/reduce";
import type { StoredMessage } from "@/lib/contract";

const said = (id: string, parent: string, role: "user" | "assistant", time = "1"): StoredMessage => ({
  message: { id, parent_id: parent, role, content: [{ text: id }] },
  create_time: time,
  state: "completed",
});
const live = (answer: Partial<Answer>, rest: Partial<Live> = {}): Live => ({
  ...{ id: "live-1", session: "s", model: "a/b", startedAt: 0, lost: false, stopping: false },
  origin: { generation: "g" },
  answer: { ...NOTHING_YET, ...answer },
  ...rest,
});
const PATH = [said("q1", "", "user"), said("a1", "q1", "assistant"), said("q2", "a1", "user"), said("a2", "q2", "assistant")];
const ids = (...args: Parameters<typeof rows>) => rows(...args).map(({ id }) => id);

test("a new prompt stands after the path before the gateway has said a word", () => {
  expect(ids(PATH, [live({}, { prompt: { role: "user" }, parent: "a2" })])).toEqual(["q1", "a1", "q2", "a2", "live-1-prompt", "live-1"]);
});

test("an edit and an answer written anew cut the path where they branch off", () => {
  expect(ids(PATH, [live({}, { prompt: { role: "user" }, parent: "a1" })])).toEqual(["q1", "a1", "live-1-prompt", "live-1"]);
  expect(ids(PATH, [live({}, { parent: "q2" })])).toEqual(["q1", "a1", "q2", "live-1"]);
});

test("a stored answer that still runs is drawn from its stream, one that ended from the books", () => {
  const running = [...PATH.slice(0, 3), { ...said("a2", "q2", "assistant"), state: "admitted" as const }];
  const one = live({ meta: { message_id: "a2", parent_message_id: "q2" } });
  expect(rows(running, [one]).at(-1)).toMatchObject({ id: "a2", live: one });
  expect(rows(PATH, [one]).at(-1)).not.toHaveProperty("live");
});

test("a branch is entered at its newest end", () => {
  const all = [...PATH, said("b1", "q1", "assistant", "2"), said("q3", "b1", "user", "3"), said("q4", "b1", "user", "4")];
  expect([leafBelow(all, "b1"), leafBelow(all, "a1"), leafBelow(all, "q4")]).toEqual(["q4", "a2", "q4"]);
});

test("results stand in the answer that asked for them, and are no turn of their own", () => {
  const asked: StoredMessage = {
    ...said("a1", "q1", "assistant"),
    message: { role: "assistant", id: "a1", parent_id: "q1", content: ["one", "two"].map((id) => ({ tool_call: { id, name: "f" } })) },
  };
  const given: StoredMessage = {
    message: { role: "tool", id: "t1", parent_id: "a1", content: [{ tool_result: { tool_call_id: "one", content: [{ text: "1" }] } }] },
  };
  const shown = rows([PATH[0] ?? {}, asked, given, said("a2", "t1", "assistant")], []);
  expect(shown.map(({ id, number }) => [id, number])).toEqual([["q1", 1], ["a1", 1], ["a2", 2]]);
  const answer = shown[1];
  expect(answer?.kind === "answer" && waitingCalls(answer).map(({ id }) => id)).toEqual(["two"]);
});
