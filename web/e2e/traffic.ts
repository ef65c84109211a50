// Traffic as a small team makes it: some models, keys and users, what failed, a conversation, budgets.
import type { APIRequestContext } from "@playwright/test";

import type { Gateway } from "./gateway";

const PROMPTS = [
  "Compare two ways of storing sessions in a table.",
  "Summarise why retries need a budget.",
  "Write a haiku about a slow network.",
  "Which headers does a proxy have to forward?",
];
const MODELS = ["chat", "think", "chat", "echo", "cite", "chat", "tools", "think"];
const USERS = ["amber", "birch", "cedar"];

/** Sends it all to the gateway; what is meant to fail fails. */
export async function makeTraffic(request: APIRequestContext, gateway: Gateway, rounds = 3): Promise<void> {
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  const make = async <T>(path: string, data: unknown): Promise<T> => {
    const response = await request.post(`${gateway.url}/api/v1${path}`, { headers: as(gateway.key), data });
    if (!response.ok()) {
      throw new Error(`${path}: ${await response.text()}`);
    }
    return (await response.json()) as T;
  };
  const ask = (key: string, model: string, at: number) =>
    request.post(`${gateway.url}/api/v1/chat`, {
      headers: as(key),
      data: {
        model: `sandbox/${model}`,
        messages: [{ role: "user", content: [{ text: PROMPTS[at % PROMPTS.length] }] }],
        end_user: USERS[at % USERS.length],
      },
    });
  await make("/projects/default/budgets", { name: "Month", scope: "project", limit_usd: 0.25, window: "month" });
  const keys = [gateway.key];
  for (const name of ["nightly-evals", "support-bot"]) {
    keys.push((await make<{ full_key: string }>("/projects/default/keys", { name })).full_key);
  }
  for (let at = 0; at < rounds * MODELS.length; at += 1) {
    await ask(keys[at % keys.length] ?? gateway.key, MODELS[at % MODELS.length] ?? "chat", at);
  }
  for (const model of ["fail:429", "fail:503:once", "fail:stream", "slow:300:10"]) {
    await ask(gateway.key, model, 0);
  }
}
