// A provider on this machine with a catalogue of a given length, listed as OpenRouter lists its models.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Listed {
  id: string;
  name: string;
  takes?: string[];
  knows?: string[];
  /** USD a token. */
  input?: string;
  output?: string;
}

const KNOWN: Listed[] = [
  {
    ...{ id: "anthropic/claude-sonnet-4.5", name: "Anthropic: Claude Sonnet 4.5", input: "0.000003", output: "0.000015" },
    ...{ takes: ["text", "image", "file"], knows: ["tools", "reasoning"] },
  },
  { id: "openai/gpt-5", name: "OpenAI: GPT-5", input: "0.00000125", output: "0.00001", takes: ["text", "image"], knows: ["tools"] },
  { id: "google/gemini-2.5-pro", name: "Google: Gemini 2.5 Pro", input: "0.00000125", output: "0.00001", takes: ["text", "image", "file", "audio"] },
  { id: "mistralai/mistral-small", name: "Mistral: Mistral Small", input: "0.0000001", output: "0.0000003" },
];
const AUTHORS = ["acme", "birch", "cedar", "delta", "ember", "fjord"];

function listed({ id, name, takes = ["text"], knows = [], input = "0.000001", output = "0.000002" }: Listed) {
  return {
    ...{ id, canonical_slug: id, name, created: 1_760_000_000, description: "A model of the tests.", context_length: 128_000 },
    architecture: { modality: "text->text", input_modalities: takes, output_modalities: ["text"], tokenizer: "Other" },
    pricing: { prompt: input, completion: output },
    top_provider: { context_length: 128_000, max_completion_tokens: 8192, is_moderated: false },
    supported_parameters: ["temperature", "max_tokens", ...knows],
  };
}

/** Starts it, and says how a gateway comes to read it. */
export async function startCatalogue(length: number) {
  const rest = Array.from({ length: length - KNOWN.length }, (_, at) => {
    const author = AUTHORS[at % AUTHORS.length] ?? "";
    const price = ((at % 97) + 1) / 1e7;
    return listed({ id: `${author}/model-${at}`, name: `${author}: Model ${at}`, input: price.toFixed(8), output: (price * 3).toFixed(8) });
  });
  const body = JSON.stringify({ data: [...KNOWN.map(listed), ...rest] });
  const server = createServer((request, response) => {
    request.resume();
    const found = request.url?.startsWith("/api/v1/models") ?? false;
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" }).end(found ? body : "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    variables: {
      GATEWAY__PROVIDERS__OPENROUTER__BASE_URL: `http://127.0.0.1:${port}/api/v1`,
      GATEWAY__PROVIDERS__OPENROUTER__API_KEY: "none",
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
