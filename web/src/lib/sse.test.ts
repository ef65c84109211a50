import { expect, test } from "vitest";

import { readEvents, type ServerSentEvent } from "./sse";

const BODY =
  "\uFEFF: keep-alive\r\n\r\nid: 1\r\nevent: token\r\ndata: {\"text\":\"grüezi 🏔\"}\r\n\r\n" +
  "id:2\revent:token\rdata: one\rdata:  two\r\rid: 3\nevent: done\ndata: {}\n\nevent: lost\ndata: no blank line follows";

const EVENTS: ServerSentEvent[] = [
  { id: "1", event: "token", data: '{"text":"grüezi 🏔"}' },
  { id: "2", event: "token", data: "one\n two" },
  { id: "3", event: "done", data: "{}" },
];

async function parse(pieces: Uint8Array[]): Promise<ServerSentEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      pieces.forEach((piece) => controller.enqueue(piece));
      controller.close();
    },
  });
  const events = [];
  for await (const event of readEvents(body)) {
    events.push(event);
  }
  return events;
}

test("any split of the bytes reads alike", async () => {
  const bytes = new TextEncoder().encode(BODY);
  for (let size = 1; size <= bytes.length; size += 1) {
    const pieces = [];
    for (let at = 0; at < bytes.length; at += size) {
      pieces.push(bytes.slice(at, at + size));
    }
    expect(await parse(pieces), `pieces of ${size}`).toEqual(EVENTS);
  }
});
