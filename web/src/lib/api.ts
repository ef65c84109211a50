// Calls of the gateway's public REST API, from its own origin.
import type { ChatEvent, ChatRequest, ErrorDetail } from "./contract";
import { SUMS } from "./contract.gen";
import { readKey, refuseKey, signedInAgain } from "./key";
import { readEvents } from "./sse";

/** A refusal or failure, as the gateway tells it. */
export class Fault extends Error {
  constructor(
    readonly detail: ErrorDetail,
    readonly requestId: string | null = null,
  ) {
    super(detail.message ?? "the gateway failed");
    this.name = "Fault";
  }
}

/** Query parameters; a list is repeated, what is empty is left out. */
export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

/** Reads a resource. */
export async function read<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return parse<T>(await send(path + search(query), signal ? { signal } : {}));
}

/** Asks for a change, or for something to be made. */
export async function write<T>(
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  init: RequestInit = {},
): Promise<T> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return parse<T>(await send(path, { ...init, method, ...sent }));
}

/** Asks a model and yields what it says, event by event. */
export async function* streamChat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  const body = JSON.stringify({ ...request, stream: true });
  yield* events(await send("/chat", { method: "POST", body, signal }));
}

/** Rejoins a generation after an event. */
export async function* resumeChat(generation: string, after: number, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  const headers = { "last-event-id": String(after), accept: "text/event-stream" };
  yield* events(await send(`/generations/${generation}/events`, { headers, signal }));
}

/** A file that the gateway writes as long as it is read. */
export async function readFile(path: string, query: Query): Promise<Blob> {
  return (await send(path + search(query), {})).blob();
}

export function search(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== "" && one !== false) {
        parameters.append(name, String(one));
      }
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

async function* events(response: Response): AsyncGenerator<ChatEvent> {
  if (!response.body) {
    return;
  }
  for await (const { id, event, data } of readEvents(response.body)) {
    yield { sequence: Number(id), event, data: JSON.parse(data) } as ChatEvent;
  }
}

declare global {
  /** Answers that public/boot.js has asked for, by their path. */
  var asked: { key: string; answers: Record<string, Promise<Response> | undefined> } | undefined;
}

/** What was asked before the scripts came, once. */
function takeAsked(path: string, key: string): Promise<Response> | undefined {
  const answers = globalThis.asked?.key === key ? globalThis.asked.answers : {};
  const answer = answers[path];
  answers[path] = undefined;
  return answer;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const key = readKey();
  if (key === null) {
    throw new Fault({ reason: "key_missing", message: "nobody is signed in", blame: "caller" });
  }
  const headers = {
    authorization: `Bearer ${key}`,
    ...(init.body === undefined ? {} : { "content-type": "application/json" }),
    ...init.headers,
  };
  const asked = init.method === undefined ? takeAsked(path, key) : undefined;
  const response = await (asked ?? fetch(`/api/v1${path}`, { cache: "no-store", ...init, headers })).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new Fault({ reason: "unreachable", message: "the gateway does not answer", blame: "gateway", retryable: true });
  });
  if (!response.ok) {
    const detail = await readError(response);
    if (response.status === 401) {
      refuseKey(key, detail.reason ?? "key_invalid");
      // A dialog asks for another; what was asked waits, so that no work is lost.
      if (await signedInAgain()) {
        init.signal?.throwIfAborted();
        return send(path, init);
      }
    }
    throw new Fault(detail, response.headers.get("x-request-id"));
  }
  return response;
}

/** The error in a response; what is not one of ours (a proxy's page) is told by its status. */
async function readError(response: Response): Promise<ErrorDetail> {
  const status: ErrorDetail = { message: `the gateway answered ${response.status} ${response.statusText}`.trim() };
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== "object" || body === null) {
    return status;
  }
  const inner = "error" in body ? body.error : body;
  return typeof inner === "object" && inner !== null ? { ...status, ...inner } : status;
}

async function parse<T>(response: Response): Promise<T> {
  const value: unknown = JSON.parse((await response.text()) || "{}");
  takeSums(value);
  return value as T;
}

/** 64-bit sums come as strings and become numbers. By hand: a reviver takes twice as long for the catalogue. */
function takeSums(value: unknown): void {
  if (typeof value !== "object" || value === null) {
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === "string" && SUMS.has(name) && /^\d+$/.test(inner)) {
      (value as Record<string, unknown>)[name] = Number(inner);
    } else {
      takeSums(inner);
    }
  }
}
