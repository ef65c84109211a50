// Calls of the gateway's public REST API, from its own origin.
import type { ChatEvent, ChatRequest, ErrorDetail } from "./contract";
import { readKey } from "./key";
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

/** Reads a resource. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, signal ? { signal } : {});
  return (await response.json()) as T;
}

/** Asks a model and yields what it says, event by event. */
export async function* streamChat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  const response = await send("/chat", { method: "POST", body: JSON.stringify(request), signal });
  if (!response.body) {
    return;
  }
  for await (const { id, event, data } of readEvents(response.body)) {
    yield { sequence: Number(id), event, data: JSON.parse(data) } as ChatEvent;
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${readKey() ?? ""}`, "content-type": "application/json" };
  const response = await fetch(`/api/v1${path}`, { ...init, headers }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") {
      throw error;
    }
    throw new Fault({ reason: "unreachable", message: "the gateway does not answer", blame: "gateway", retryable: true });
  });
  if (!response.ok) {
    throw new Fault(await readError(response), response.headers.get("x-request-id"));
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
