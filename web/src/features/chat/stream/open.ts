// An answer's events from the first to the last, whatever happens to the connection between.
import { Fault, resumeChat, streamChat } from "@/lib/api";
import type { ChatEvent, ChatRequest } from "@/lib/contract";

/** Pauses before rejoining, in milliseconds; the last one repeats. */
const PAUSES = [0, 250, 500, 1000, 2000, 4000, 5000];
const GIVE_UP_MS = 60_000;

/** What a reader is told beside the events. */
export type Notice = "lost" | "joined";

export type Origin = { request: ChatRequest } | { generation: string };

/** Yields each event once, in order; rejoins a lost connection after the last event that was seen. */
export async function* open(
  origin: Origin,
  signal: AbortSignal,
  tell: (notice: Notice) => void,
): AsyncGenerator<ChatEvent> {
  let generation = "generation" in origin ? origin.generation : undefined;
  let last = 0;
  let tries = 0;
  let lostAt = 0;
  let events = "request" in origin ? streamChat(origin.request, signal) : resumeChat(origin.generation, 0, signal);
  for (;;) {
    try {
      for await (const event of events) {
        if (tries > 0) {
          tries = 0;
          tell("joined");
        }
        if (event.event === "meta") {
          generation = event.data.generation_id ?? generation;
        }
        last = Math.max(last, event.sequence);
        yield event;
        if (event.event === "done" || event.event === "error") {
          return;
        }
      }
    } catch (error) {
      if (signal.aborted || !isLost(error) || generation === undefined) {
        throw error;
      }
    }
    if (generation === undefined) {
      // Nobody knows whether it was admitted, so it is not sent again by itself.
      throw new Fault({ reason: "unreachable", message: "the connection ended before the answer began", retryable: true });
    }
    if (tries === 0) {
      lostAt = Date.now();
      tell("lost");
    } else if (Date.now() - lostAt > GIVE_UP_MS) {
      throw new Fault({
        reason: "unreachable",
        message: "connection lost; the gateway goes on writing, reload to rejoin",
        blame: "gateway",
        generation_id: generation,
      });
    }
    await pause(PAUSES[Math.min(tries, PAUSES.length - 1)] ?? 0, signal);
    tries += 1;
    events = resumeChat(generation, last, signal);
  }
}

/** The connection broke, rather than the gateway answering with a refusal. */
function isLost(error: unknown): boolean {
  return !(error instanceof Fault) || error.detail.reason === "unreachable";
}

/** Waits with a little chance in it; the network's return ends the wait. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms * (0.8 + Math.random() * 0.4));
    addEventListener("online", done);
    signal.addEventListener("abort", done, { once: true });
  });
}
