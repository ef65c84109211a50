// The other door of browsers: grpc-web by a client generated from the contract, under the pages' own policy.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

import type { Page } from "@playwright/test";
import { build } from "vite";

import { expect, test } from "./fixtures";
import { chatSnippets, embedSnippets, type Snippets } from "../src/lib/snippets";

const WEB = fileURLToPath(new URL("..", import.meta.url));

interface Tried {
  whole: string;
  cost?: number;
  events: [number, string][];
  streamed: string;
  models: string[];
  refusal: string;
}

interface Client {
  tryAll: (key: string, text: string) => Promise<Tried>;
  readAll: (chat: string, embed: string) => string[];
}
declare const client: Client;

/** The client and all that it needs as one script. */
async function bundle(): Promise<string> {
  const output = `${WEB}.next/grpc-web`;
  mkdirSync(output, { recursive: true });
  const path = `${WEB}node_modules/.bin${delimiter}${process.env["PATH"] ?? ""}`;
  execFileSync("buf", ["generate", "--output", output], { cwd: `${WEB}../proto`, env: { ...process.env, PATH: path } });
  const built = await build({
    configFile: false,
    root: WEB,
    publicDir: false,
    logLevel: "error",
    build: { write: false, lib: { entry: `${WEB}e2e/grpc-web/client.js`, formats: ["iife"], name: "client", fileName: "client" } },
  });
  const [first] = Array.isArray(built) ? built : [built];
  const chunk = first && "output" in first ? first.output[0] : undefined;
  return chunk?.code ?? "";
}

async function load(page: Page): Promise<void> {
  const script = await bundle();
  await page.route("**/e2e-client.js", (route) => route.fulfill({ contentType: "text/javascript", body: script }));
  await page.goto("/settings/");
  await page.addScriptTag({ url: "/e2e-client.js" });
}

test("a generated client chats, streams and is refused over grpc-web", async ({ page, gateway }) => {
  await load(page);
  const tried = await page.evaluate(([key, text]) => client.tryAll(key, text), [gateway.key, "Grüezi, **Wält** 👋"] as const);
  expect(tried.whole).toBe("Grüezi, **Wält** 👋");
  expect(tried.streamed).toBe(tried.whole);
  expect(tried.cost).toBeGreaterThan(0);
  expect(tried.events.map(([sequence]) => sequence)).toEqual(tried.events.map((_, at) => at + 1));
  expect([tried.events[0]?.[1], tried.events.at(-1)?.[1]]).toEqual(["meta", "done"]);
  expect(tried.models).toContain("sandbox/echo");
  expect(tried.refusal).toBe("Unauthenticated");
});

test("what the pages give to copy for gRPC is a message of the contract", async ({ page }) => {
  await load(page);
  const settings = { temperature: 0.5, thinking: { effort: "low" }, response_format: { type: "json_object" }, routing: { hedge: { quantile: 0.95 } } } as const;
  const message = ({ grpc }: Snippets) => /-d '(.*)' \\\n/s.exec(grpc)?.[1] ?? "";
  const chat = message(chatSnippets({ model: "a/chat", text: "Hello", system: "Be brief", settings }, "http://host"));
  const embed = message(embedSnippets("an/embed", "Hello", "http://host"));
  expect(await page.evaluate(([chat, embed]) => client.readAll(chat, embed), [chat, embed] as const)).toEqual(["a/chat", "an/embed"]);
});
