import { expect, test } from "vitest";

import { snippets } from "./snippets";

const choice = { model: "sandbox/echo", settings: { temperature: 0.5 }, system: "" };
const made = snippets({ role: "user", content: [{ text: "it's" }] }, choice, "http://localhost:8080");

test("a prompt is one word of a shell, whatever is in it", () => {
  expect(made.curl).toContain(`"content": "it'\\''s"`);
  expect(made.grpc).toContain("localhost:8080 gateway.v1.ChatService/StreamChat");
});

test("no snippet holds a key", () => {
  for (const text of Object.values(made)) {
    expect(text).toContain(text.startsWith("import OpenAI") ? "process.env.GGW_KEY" : "GGW_KEY");
    expect(text).not.toContain("ggw_");
  }
});
