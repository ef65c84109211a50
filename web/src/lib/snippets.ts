// A request as programs would send it. The key is a variable, never the key; bytes are left to the reader.
import type { Settings } from "@/lib/contract";

export const LANGUAGES = [
  { value: "curl", name: "cURL" },
  { value: "python", name: "Python" },
  { value: "typescript", name: "TypeScript" },
  { value: "grpc", name: "gRPC" },
] as const;
export type Language = (typeof LANGUAGES)[number]["value"];
export type Snippets = Record<Language, string>;

export interface Asked {
  model: string;
  text: string;
  system?: string;
  settings?: Settings;
  /** There was more than text, which is left out. */
  files?: boolean;
}

/** A streamed chat. */
export function chatSnippets({ model, text, system = "", settings = {}, files = false }: Asked, origin = location.origin): Snippets {
  const messages = [...(system ? [{ role: "system", content: system }] : []), { role: "user", content: text }];
  const { temperature, max_output_tokens: most } = settings;
  const options = { ...(temperature !== undefined && { temperature }), ...(most !== undefined && { max_tokens: most }) };
  const note = (mark: string) => (files ? `${mark} The prompt's attachments are left out.\n` : "");
  const contents = messages.map(({ role, content }) => ({ role: named("role", role), content: [{ text: content }] }));
  return {
    curl: note("#") + curl(`-N ${origin}/api/v1/chat`, { model, messages, ...settings, stream: true }),
    python:
      note("#") +
      python(
        origin,
        "stream = client.chat.completions.create",
        { model, messages, ...options },
        'for chunk in stream:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or "", end="")',
        ["stream=True"],
      ),
    typescript:
      note("//") +
      typescript(
        origin,
        "const stream = await client.chat.completions.create",
        { model, messages, ...options, stream: true },
        'for await (const chunk of stream) {\n  process.stdout.write(chunk.choices[0]?.delta.content ?? "");\n}',
      ),
    grpc: note("#") + grpc(origin, "ChatService/StreamChat", { model, messages: contents, ...byName(settings) }),
  };
}

/** Vectors of a text. */
export function embedSnippets(model: string, text: string, origin = location.origin): Snippets {
  const asked = { model, input: [text] };
  const create = "client.embeddings.create";
  return {
    curl: curl(`${origin}/api/v1/embeddings`, { model, inputs: [text] }),
    python: python(origin, `answer = ${create}`, asked, "print(len(answer.data[0].embedding))"),
    typescript: typescript(origin, `const answer = await ${create}`, asked, "console.log(answer.data[0].embedding.length);"),
    grpc: grpc(origin, "EmbeddingService/Embed", { model, inputs: [{ text }] }),
  };
}

function curl(address: string, body: object): string {
  const lines = [`curl ${address}`, '-H "Authorization: Bearer $GGW_KEY"', '-H "Content-Type: application/json"'];
  return [...lines, `-d ${shell(JSON.stringify(body, null, 2))}`].join(" \\\n  ");
}

function python(origin: string, call: string, given: object, then: string, more: string[] = []): string {
  const lines = Object.entries(given).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    "import os\nfrom openai import OpenAI\n",
    `client = OpenAI(base_url="${origin}/v1", api_key=os.environ["GGW_KEY"])`,
    `${call}(`,
    ...[...lines, ...more].map((line) => `    ${line},`),
    `)\n${then}`,
  ].join("\n");
}

function typescript(origin: string, call: string, given: object, then: string): string {
  return [
    'import OpenAI from "openai";\n',
    `const client = new OpenAI({ baseURL: "${origin}/v1", apiKey: process.env.GGW_KEY });`,
    `${call}({`,
    ...Object.entries(given).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`),
    `});\n${then}`,
  ].join("\n");
}

function grpc(origin: string, method: string, message: object): string {
  const plain = origin.startsWith("https") ? "" : "-plaintext ";
  const lines = [`grpcurl ${plain}-H "authorization: Bearer $GGW_KEY"`, `-d ${shell(JSON.stringify(message, null, 2))}`];
  return [...lines, `${origin.replace(/^https?:\/\//, "")} gateway.v1.${method}`].join(" \\\n  ");
}

/** Settings with values of enumerations by their whole names, the only ones that ProtoJSON knows. */
function byName({ thinking, response_format: format, ...others }: Settings): object {
  const level = Object.entries(thinking ?? {}).map(([name, value]) => [name, name === "mode" || name === "effort" ? named(`thinking_${name}`, String(value)) : value]);
  return {
    ...others,
    ...(thinking && { thinking: Object.fromEntries(level) as object }),
    ...(format && { response_format: { ...format, ...(format.type && { type: named("response_format_type", format.type) }) } }),
  };
}

const named = (enumeration: string, value: string) => `${enumeration}_${value}`.toUpperCase();

/** One word for a POSIX shell. */
function shell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
