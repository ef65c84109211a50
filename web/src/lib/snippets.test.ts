import { expect, test } from "vitest";

import { chatSnippets, embedSnippets } from "./snippets";

const ORIGIN = "http://localhost:8080";
const made = chatSnippets({ model: "sandbox/echo", text: "it's", settings: { temperature: 0.5, thinking: { effort: "low" } } }, ORIGIN);

test("a prompt is one word of a shell, whatever is in it", () => {
  expect(made.curl).toContain(`"content": "it'\\''s"`);
  expect(made.grpc).toContain("localhost:8080 gateway.v1.ChatService/StreamChat");
});

test("no snippet holds a key", () => {
  for (const text of [...Object.values(made), ...Object.values(embedSnippets("sandbox/embed", "Hello", ORIGIN))]) {
    expect(text).toContain(text.startsWith("import OpenAI") ? "process.env.GGW_KEY" : "GGW_KEY");
    expect(text).not.toContain("ggw_");
  }
});

test("gRPC gets the contract's own names, and what the other doors have no name for is left to it", () => {
  expect(made.grpc).toContain('"effort": "THINKING_EFFORT_LOW"');
  expect(made.grpc).toContain('"role": "ROLE_USER"');
  expect(made.python).toContain("temperature=0.5,");
  expect(made.python).not.toContain("thinking");
});
