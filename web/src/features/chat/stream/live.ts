// Answers that run, outside React: folded at most once a frame. Their words are told to the one that draws them alone.
import { add, cut, NOTHING_YET, type Answer } from "./reduce";
import { open, type Origin } from "./open";
import { Fault, write } from "@/lib/api";
import type { ChatEvent, ErrorDetail, Message } from "@/lib/contract";
import { onSignOut } from "@/lib/key";
import { until } from "@/lib/until";

export interface Live {
  id: string;
  session: string;
  model: string;
  /** The prompt; absent where an answer is written anew, or was rejoined. */
  prompt?: Message | undefined;
  /** The stored message that the turn follows. */
  parent?: string | undefined;
  /** As it stood at its last turn: when it began, was named, or ended. Its words are followed by `listen`. */
  answer: Answer;
  startedAt: number;
  lost: boolean;
  stopping: boolean;
  origin: Origin;
}

interface Running {
  live: Live;
  /** With every word that has been folded. */
  answer: Answer;
  listeners: Set<() => void>;
  waiting: ChatEvent[];
  /** Resolves once it has ended and what it became is read. */
  ended: Promise<void>;
  controller: AbortController;
}

/** Between two folds: words that come thirty times a second read as smoothly as twice that, at half the work. */
const EVERY_MS = 30;

const running = new Map<string, Running>();
/** Generations that were read to their end: a session that was asked before that still calls them running. */
const done = new Set<string>();
/** What had come of answers that broke off, by their message: a gateway that died has kept nothing of it. */
const broken = new Map<string, Answer>();
const listeners = new Set<() => void>();
let snapshot: Live[] = [];
let frame = 0;
/** When the last frame was drawn with new words. */
let folded = 0;
let next = 1;
let endings = 0;

function publish(): void {
  snapshot = [...running.values()].map(({ live }) => live);
  listeners.forEach((listener) => listener());
}

/** Takes what an answer has become; whether it was named or has ended by that. */
function set(one: Running, answer: Answer): boolean {
  const turned = answer.meta !== one.live.answer.meta || answer.end !== one.live.answer.end;
  if (turned) {
    one.live = { ...one.live, answer };
  }
  one.answer = answer;
  one.listeners.forEach((listener) => listener());
  return turned;
}

/** Folds all that has come since it last ran, once. */
function flush(): void {
  frame = 0;
  performance.mark("flush");
  const at = Date.now();
  let turned = false;
  for (const one of running.values()) {
    if (one.waiting.length > 0) {
      turned = set(one, one.waiting.reduce((folded, event) => add(folded, event, at), one.answer)) || turned;
      one.waiting = [];
    }
  }
  if (turned) {
    publish();
  }
  performance.measure("flush", "flush");
}

function schedule(): void {
  if (frame === 0) {
    // A hidden tab has no frames.
    frame = document.hidden ? window.setTimeout(flush, 250) : requestAnimationFrame(rest);
  }
}

/** Lets frames pass until it is time for the next fold. */
function rest(now: number): void {
  if (now - folded < EVERY_MS) {
    frame = requestAnimationFrame(rest);
  } else {
    folded = now;
    flush();
  }
}

function change(id: string, changes: Partial<Omit<Live, "answer">>): void {
  const one = running.get(id);
  if (one) {
    one.live = { ...one.live, ...changes };
    publish();
  }
}

export interface Start {
  session: string;
  model: string;
  prompt?: Message | undefined;
  parent?: string | undefined;
  origin: Origin;
  onEnd?: (live: Live) => Promise<void>;
}

/** Begins to read an answer; it goes on whatever is shown. Returns its id. */
export function start({ onEnd, ...given }: Start): string {
  const id = `live-${next++}`;
  const one: Running = {
    live: { ...given, id, answer: NOTHING_YET, startedAt: Date.now(), lost: false, stopping: false },
    answer: NOTHING_YET,
    listeners: new Set(),
    waiting: [],
    ended: Promise.resolve(),
    controller: new AbortController(),
  };
  running.set(id, one);
  publish();
  one.ended = follow(one).then(() => {
    flush();
    endings += 1;
    if (one.answer.meta.generation_id) {
      done.add(one.answer.meta.generation_id);
    }
    publish();
    return onEnd?.(one.live);
  });
  return id;
}

async function follow(one: Running): Promise<void> {
  const { live, controller } = one;
  const tell = (notice: "lost" | "joined") => change(live.id, { lost: notice === "lost" });
  try {
    for await (const event of open(live.origin, controller.signal, tell)) {
      one.waiting.push(event);
      schedule();
    }
  } catch (error) {
    flush();
    set(one, cut(one.answer, detail(error)));
    change(live.id, { lost: false });
  }
}

function detail(error: unknown): ErrorDetail {
  return error instanceof Fault ? error.detail : { message: error instanceof Error ? error.message : String(error) };
}

/** Asks the gateway to stop, and reads on to the end with its final usage. */
export async function stop(id: string): Promise<void> {
  const one = running.get(id);
  const generation = one?.live.answer.meta.generation_id;
  if (!one || one.live.answer.end) {
    return;
  }
  if (!generation) {
    one.controller.abort();
    return;
  }
  change(id, { stopping: true });
  await write("POST", `/generations/${generation}/cancel`).catch(() => undefined);
}

/** Waits until the gateway has taken a request; false where it did not. */
export function begun(id: string): Promise<boolean> {
  return until(listeners, () => {
    const answer = running.get(id)?.live.answer;
    const taken = answer?.meta.generation_id !== undefined;
    return !answer || answer.end || taken ? taken : undefined;
  });
}

/** Waits until an answer has ended. */
export async function ended(id: string): Promise<void> {
  await running.get(id)?.ended.catch(() => undefined);
}

export function heardOf(message: string): Answer | undefined {
  return broken.get(message);
}

/** Forgets an answer: the stored one is shown in its place. */
export function forget(id: string): void {
  const one = running.get(id);
  if (one) {
    const { answer } = one;
    if (answer.end?.kind === "error" && answer.meta.message_id && answer.blocks.length > 0) {
      broken.set(answer.meta.message_id, answer);
    }
    one.controller.abort();
    running.delete(id);
    publish();
  }
}

onSignOut(() => {
  [...running.keys()].forEach(forget);
  broken.clear();
  done.clear();
});

/** Whether a session's generation is or was read here; it may be one that was begun and is not yet named. */
export function isRead(generation: string, session: string): boolean {
  return done.has(generation) || [...running.values()].some(({ live: { answer, origin, session: own } }) => {
    const named = answer.meta.generation_id ?? ("generation" in origin ? origin.generation : undefined);
    return named === undefined ? own === session && !answer.end : named === generation;
  });
}

/** Tells whenever an answer begins, is named, or ends. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const lives = (): Live[] => snapshot;

/** How many answers have ended since the page was loaded. */
export const endingsSoFar = (): number => endings;

/** Tells of each word of one answer. */
export function listen(id: string, listener: () => void): () => void {
  const words = running.get(id)?.listeners;
  words?.add(listener);
  return () => words?.delete(listener);
}

/** An answer with the words that have come until now; the one that is given where it does not run. */
export function answerNow(live: Live | undefined, otherwise: Answer): Answer {
  return running.get(live?.id ?? "")?.answer ?? otherwise;
}
