// A provider on this machine that writes a long answer at a pace of its own.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const EVERY_MS = 16;

const PARAGRAPHS = [
  "The *tail* of a distribution is what most readers meet: with `n` requests a page, one in a hundred becomes one in two.\n\n",
  "## What a hedge costs\n\nA second attempt begins when the first has been silent for its **95th percentile**. So it is made for one in twenty.\n\n",
  "- it is cancelled when the other speaks\n- it is booked all the same\n- it never runs a tool twice\n\n",
  "| model | first token | cost |\n|---|---|---|\n| fast | 0.4 s | $0.002 |\n| slow | 2.1 s | $0.001 |\n\n",
  "```rust\nfn hedge(delay: Duration) -> Attempt {\n    // The first to speak wins.\n    select(first, after(delay, second))\n}\n```\n\n",
  "The chance that both are late is $p^2$, where one is late with $p$.\n\n",
];

/** The answer: Markdown of at least that many characters. */
export function longAnswer(characters: number): string {
  let text = "";
  for (let at = 0; text.length < characters; at += 1) {
    text += PARAGRAPHS[at % PARAGRAPHS.length];
  }
  return text;
}

export interface Paced {
  variables: Record<string, string>;
  model: string;
  stop: () => void;
}

/** Starts it, to write so many characters at once, and says how a gateway comes to know it. */
export async function startPaced(answer: string, piece = 200): Promise<Paced> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === "POST") {
      void write(response, answer, piece);
    } else {
      response.setHeader("content-type", "application/json").end('{"data":[]}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    variables: {
      GATEWAY__PROVIDERS__PACED__DIALECT: "openrouter",
      GATEWAY__PROVIDERS__PACED__BASE_URL: `http://127.0.0.1:${port}/api/v1`,
      GATEWAY__PROVIDERS__PACED__API_KEY: "none",
    },
    model: "paced/long",
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function write(response: ServerResponse, answer: string, piece: number): Promise<void> {
  response.setHeader("content-type", "text/event-stream");
  const chunk = (choice: object, rest = {}) =>
    response.write(`data: ${JSON.stringify({ id: "gen-1", model: "long", choices: [{ index: 0, ...choice }], ...rest })}\n\n`);
  for (let at = 0; at < answer.length; at += piece) {
    chunk({ delta: { role: "assistant", content: answer.slice(at, at + piece) }, finish_reason: null });
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const usage = { prompt_tokens: 10, completion_tokens: Math.ceil(answer.length / 4), total_tokens: 10 + Math.ceil(answer.length / 4), cost: 0.01 };
  chunk({ delta: { content: "" }, finish_reason: "stop" }, { usage });
  response.end("data: [DONE]\n\n");
}
