// What is shown of a session: stored messages with the running answers laid over them. Pure.
import type { Live } from "../stream/live";
import type { Answer } from "../stream/reduce";
import type { ContentPart, Message, StoredMessage, ToolCall, ToolResult } from "@/lib/contract";

interface Shown {
  id: string;
  /** Which prompt, or which answer, of those that are shown. */
  number: number;
  stored?: StoredMessage | undefined;
}

export interface PromptRow extends Shown {
  kind: "prompt";
  message: Message;
}

export interface AnswerRow extends Shown {
  kind: "answer";
  answer: Answer;
  model: string;
  /** What the tools that it calls have answered, by the call's id. */
  results: Map<string, ToolResult>;
  live?: Live | undefined;
}

export type Row = PromptRow | AnswerRow;

const UNSAID: Message = { role: "assistant" };

/** What came of an answer of which nothing is stored. */
type Heard = (message: string) => Answer | undefined;

/** Rows of a path, oldest first, and of the turn that is being written. */
export function rows(path: StoredMessage[], lives: Live[], heardOf: Heard = () => undefined): Row[] {
  const found: Row[] = [];
  const known = new Set(path.map(({ message }) => message?.id));
  const fresh = lives.findLast((live) => !known.has(live.answer.meta.message_id ?? ""));
  const end = fresh ? tip(path, fresh) : path.length;
  const count = { prompt: 0, answer: 0 };
  const number = (kind: Row["kind"]) => (count[kind] += 1);
  const say = (message: Message, rest: Pick<PromptRow, "id" | "stored">) => {
    if (message.role === "tool") {
      giveResults(found, message);
    } else {
      found.push({ kind: "prompt", message, number: number("prompt"), ...rest });
    }
  };
  for (const stored of path.slice(0, end)) {
    const message = stored.message ?? UNSAID;
    if (message.role === "assistant") {
      found.push({ ...answerRow(stored, lives, heardOf), number: number("answer") });
    } else {
      say(message, { id: message.id ?? "", stored });
    }
  }
  if (fresh) {
    const { meta } = fresh.answer;
    const asked = fresh.prompt && !(meta.parent_message_id && known.has(meta.parent_message_id));
    if (fresh.prompt && asked) {
      say(fresh.prompt, { id: meta.parent_message_id ?? `${fresh.id}-prompt` });
    }
    found.push({
      kind: "answer",
      id: meta.message_id ?? fresh.id,
      number: number("answer"),
      answer: fresh.answer,
      model: fresh.model,
      results: new Map(),
      live: fresh,
    });
  }
  return found;
}

/** Results stand in the answer that asked for them. */
function giveResults(found: Row[], { content = [] }: Message): void {
  const asked = found.findLast((row) => row.kind === "answer");
  for (const part of content) {
    if (asked && "tool_result" in part) {
      asked.results.set(part.tool_result.tool_call_id, part.tool_result);
    }
  }
}

/** Calls of an answer that nobody has answered and no provider runs. */
export function waitingCalls({ answer, results }: AnswerRow): ToolCall[] {
  const calls = answer.blocks.flatMap(({ part }) => ("tool_call" in part ? part.tool_call : []));
  return answer.end?.kind === "done" ? calls.filter((call) => !call.provider_executed && !results.has(call.id ?? "")) : [];
}

/** How much of the path the new turn follows. */
function tip(path: StoredMessage[], live: Live): number {
  const parent = live.answer.meta.parent_message_id;
  const at = path.findLastIndex(({ message }) => message?.id === parent || message?.id === live.parent);
  return live.parent === undefined && at < 0 ? 0 : at + 1;
}

function answerRow(stored: StoredMessage, lives: Live[], heardOf: Heard): Omit<AnswerRow, "number"> {
  const id = stored.message?.id ?? "";
  const live = lives.find(({ answer }) => answer.meta.message_id === id);
  const model = stored.model?.resolved ?? stored.model?.requested ?? "";
  const row = { kind: "answer" as const, id, results: new Map<string, ToolResult>(), stored };
  // The stored one has its facts once it has ended; until then the stream knows more.
  if (live && (stored.state ?? "admitted") === "admitted") {
    return { ...row, answer: live.answer, model: model || live.model, live };
  }
  const heard = stored.message?.content?.length ? undefined : heardOf(id);
  return { ...row, answer: heard ?? answerOf(stored), model };
}

const kept = new WeakMap<StoredMessage, Answer>();

/** A stored message as the answer that its stream folded to. */
export function answerOf(stored: StoredMessage): Answer {
  const before = kept.get(stored);
  if (before) {
    return before;
  }
  const { message = UNSAID, model, provider, upstream_provider: upstream, warnings, generation_id: generation } = stored;
  const ended = stored.error
    ? { kind: "error" as const, error: stored.error }
    : {
        kind: "done" as const,
        done: {
          ...(stored.finish_reason ? { finish_reason: stored.finish_reason } : {}),
          ...(stored.usage ? { usage: stored.usage } : {}),
          ...(stored.cost_usd === undefined ? {} : { cost_usd: stored.cost_usd }),
          ...(stored.timings ? { timings: stored.timings } : {}),
        },
      };
  const answer: Answer = {
    meta: {
      ...(generation ? { generation_id: generation } : {}),
      ...(message.id ? { message_id: message.id } : {}),
      ...(message.parent_id ? { parent_message_id: message.parent_id } : {}),
      ...(model ? { model } : {}),
      ...(provider ? { provider } : {}),
      ...(upstream ? { upstream_provider: upstream } : {}),
      ...(warnings ? { warnings } : {}),
    },
    sequence: Number.MAX_SAFE_INTEGER,
    blocks: (message.content ?? []).map((part, block) => ({ block, part, from: 0, to: 0 })),
    citations: message.citations ?? [],
    ...(stored.state === "admitted" ? {} : { end: ended }),
  };
  kept.set(stored, answer);
  return answer;
}

/** A turn and what was said instead of it, by age. */
export function branchesOf(id: string, siblings: string[] = []): string[] {
  // The gateway lists the others, or all: either way each stands once.
  return [...new Set([...siblings, id])].sort();
}

/** The words of some parts, for copying. */
export function textOf(parts: ContentPart[]): string {
  return parts.flatMap((part) => ("text" in part ? part.text : "refusal" in part ? part.refusal : [])).join("\n\n");
}

/** The words of an answer. */
export function answerText({ blocks }: Pick<Answer, "blocks">): string {
  return textOf(blocks.map(({ part }) => part));
}

/** The newest message that continues from one, in a listing of all branches. */
export function leafBelow(all: StoredMessage[], id: string): string {
  const parents = new Map(all.map(({ message }) => [message?.id, message?.parent_id]));
  // Of equal times the one that was listed later is deeper.
  const newest = all.toReversed().sort((one, other) => (other.create_time ?? "").localeCompare(one.create_time ?? ""));
  for (const { message } of newest) {
    for (let at = message?.id; at; at = parents.get(at)) {
      if (at === id) {
        return message?.id ?? id;
      }
    }
  }
  return id;
}
