// A request as programs would send it. The key is a variable, never the key; bytes are left to the reader.
import type { Choice } from "./use-chat";
import { textOf } from "./turns/rows";
import type { Message } from "@/lib/contract";

export type Snippets = Record<"curl" | "python" | "typescript" | "grpc", string>;

export function snippets(prompt: Message | undefined, choice: Choice, origin = location.origin): Snippets {
  const text = textOf(prompt?.content ?? []) || "Hello";
  const files = prompt?.content?.some((part) => !("text" in part)) ?? false;
  const messages = [
    ...(choice.system ? [{ role: "system", content: choice.system }] : []),
    { role: "user", content: text },
  ];
  const json = JSON.stringify({ model: choice.model, messages, ...choice.settings, stream: true }, null, 2);
  const grpc = JSON.stringify(
    { model: choice.model, messages: messages.map(({ role, content }) => ({ role, content: [{ text: content }] })), ...choice.settings },
    null,
    2,
  );
  const note = (mark: string) => (files ? `${mark} The prompt's attachments are left out.\n` : "");
  const { temperature, max_output_tokens: most } = choice.settings;
  const options = [
    ...(temperature === undefined ? [] : [`temperature=${temperature}`]),
    ...(most === undefined ? [] : [`max_tokens=${most}`]),
  ];
  return {
    curl:
      note("#") +
      `curl -N ${origin}/api/v1/chat \\\n  -H "Authorization: Bearer $GGW_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d ${shell(json)}`,
    python:
      note("#") +
      [
        "import os\nfrom openai import OpenAI\n",
        `client = OpenAI(base_url="${origin}/v1", api_key=os.environ["GGW_KEY"])`,
        "stream = client.chat.completions.create(",
        `    model=${JSON.stringify(choice.model)},`,
        `    messages=${JSON.stringify(messages)},`,
        ...options.map((option) => `    ${option},`),
        "    stream=True,\n)",
        "for chunk in stream:\n    if chunk.choices:\n        print(chunk.choices[0].delta.content or \"\", end=\"\")",
      ].join("\n"),
    typescript:
      note("//") +
      [
        'import OpenAI from "openai";\n',
        `const client = new OpenAI({ baseURL: "${origin}/v1", apiKey: process.env.GGW_KEY });`,
        "const stream = await client.chat.completions.create({",
        `  model: ${JSON.stringify(choice.model)},`,
        `  messages: ${JSON.stringify(messages)},`,
        ...options.map((option) => `  ${option.replace("=", ": ")},`),
        "  stream: true,\n});",
        'for await (const chunk of stream) {\n  process.stdout.write(chunk.choices[0]?.delta.content ?? "");\n}',
      ].join("\n"),
    grpc:
      note("#") +
      `grpcurl ${origin.startsWith("https") ? "" : "-plaintext "}-H "authorization: Bearer $GGW_KEY" \\\n  -d ${shell(grpc)} \\\n  ${origin.replace(/^https?:\/\//, "")} gateway.v1.ChatService/StreamChat`,
  };
}

/** A text as one word of a shell. */
function shell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
