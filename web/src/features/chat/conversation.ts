// A conversation in this tab: pure steps from what is said to what is shown and sent.
import type { ChatEvent, ErrorDetail, Message } from "@/lib/contract";

import { add, cut, NOTHING_YET, stop, type Answer } from "./reduce";

export interface Turn {
  prompt: string;
  /** The model that was asked. */
  model: string;
  answer: Answer;
}

export type Step =
  | { kind: "ask"; prompt: string; model: string }
  | { kind: "again"; model: string }
  | { kind: "event"; event: ChatEvent }
  | { kind: "cut"; error: ErrorDetail }
  | { kind: "stop" }
  | { kind: "clear" };

/** The conversation after a step; steps of an answer concern the last turn. */
export function next(turns: Turn[], step: Step): Turn[] {
  const last = turns.at(-1);
  switch (step.kind) {
    case "ask":
      return [...turns, { prompt: step.prompt, model: step.model, answer: NOTHING_YET }];
    case "clear":
      return [];
    case "again":
      return last ? turns.with(-1, { ...last, model: step.model, answer: NOTHING_YET }) : turns;
    default:
      return last ? turns.with(-1, { ...last, answer: changed(last.answer, step) }) : turns;
  }
}

function changed(answer: Answer, step: Extract<Step, { kind: "event" | "cut" | "stop" }>): Answer {
  switch (step.kind) {
    case "event":
      return add(answer, step.event);
    case "cut":
      return cut(answer, step.error);
    case "stop":
      return stop(answer);
  }
}

/** The messages that ask for the next answer: what was said, thinking and signatures as they came. */
export function messages(turns: Turn[], prompt: string): Message[] {
  return [...turns.flatMap(said), { role: "user", content: prompt }];
}

function said({ prompt, answer }: Turn): Message[] {
  const question: Message = { role: "user", content: prompt };
  const content = answer.blocks.map(({ part }) => part);
  // A turn without an answer was as good as never asked.
  return content.length > 0 ? [question, { role: "assistant", content }] : [];
}
