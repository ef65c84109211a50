// What is shown of a session: stored messages with the running answers laid over them. Pure.
import type { Live } from "../stream/live";
import type { Answer } from "../stream/reduce";
import type { ContentPart, Message, StoredMessage } from "@/lib/contract";

export type Row =
  | { kind: "prompt"; id: string; message: Message; stored?: StoredMessage | undefined }
  | { kind: "answer"; id: string; answer: Answer; model: string; stored?: StoredMessage | undefined; live?: Live | undefined };

const UNSAID: Message = { role: "assistant" };

/** Rows of a path, oldest first, and of the turn that is being written. */
export function rows(path: StoredMessage[], lives: Live[]): Row[] {
  const found: Row[] = [];
  const known = new Set(path.map(({ message }) => message?.id));
  const fresh = lives.findLast((live) => !known.has(live.answer.meta.message_id ?? ""));
  const end = fresh ? tip(path, fresh) : path.length;
  for (const stored of path.slice(0, end)) {
    found.push(rowOf(stored, lives));
  }
  if (fresh) {
    const { meta } = fresh.answer;
    const asked = fresh.prompt && !(meta.parent_message_id && known.has(meta.parent_message_id));
    if (fresh.prompt && asked) {
      found.push({ kind: "prompt", id: meta.parent_message_id ?? `${fresh.id}-prompt`, message: fresh.prompt });
    }
    found.push({ kind: "answer", id: meta.message_id ?? fresh.id, answer: fresh.answer, model: fresh.model, live: fresh });
  }
  return found;
}

/** How much of the path the new turn follows. */
function tip(path: StoredMessage[], live: Live): number {
  const parent = live.answer.meta.parent_message_id;
  const at = path.findLastIndex(({ message }) => message?.id === parent || message?.id === live.parent);
  return live.parent === undefined && at < 0 ? 0 : at + 1;
}

function rowOf(stored: StoredMessage, lives: Live[]): Row {
  const message = stored.message ?? UNSAID;
  const id = message.id ?? "";
  if (message.role !== "assistant") {
    return { kind: "prompt", id, message, stored };
  }
  const live = lives.find(({ answer }) => answer.meta.message_id === id);
  const model = stored.model?.resolved ?? stored.model?.requested ?? "";
  // The stored one has its facts once it has ended; until then the stream knows more.
  return live && (stored.state ?? "admitted") === "admitted"
    ? { kind: "answer", id, answer: live.answer, model: model || live.model, stored, live }
    : { kind: "answer", id, answer: answerOf(stored), model, stored };
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

/** The words of some parts, for copying. */
export function textOf(parts: ContentPart[]): string {
  return parts.flatMap((part) => ("text" in part ? part.text : "refusal" in part ? part.refusal : [])).join("\n\n");
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
