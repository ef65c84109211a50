// What a gateway refuses, and how one goes on from there.
import type { APIRequestContext } from "@playwright/test";

import { answer, prompt, rename, send } from "./chat";
import { expect, test } from "./fixtures";
import type { Gateway } from "./gateway";

async function keyWith(request: APIRequestContext, gateway: Gateway, data: object): Promise<string> {
  const headers = { authorization: `Bearer ${gateway.key}` };
  const made = await request.post("/api/v1/projects/default/keys", { headers, data: { name: "limited", ...data } });
  expect(made.ok(), await made.text()).toBe(true);
  return ((await made.json()) as { full_key: string }).full_key;
}

test("a limit counts down to when it may be tried again", async ({ page, request, gateway }) => {
  const key = await keyWith(request, gateway, { limits: { requests_per_minute: 20 } });
  await page.goto(`/chat/?model=sandbox/echo#key=${key}`);
  const headers = { authorization: `Bearer ${key}` };
  const data = { model: "sandbox/echo", messages: [{ role: "user", content: "Used up" }] };
  while ((await request.post("/api/v1/chat", { headers, data })).status() !== 429) {
    // Until nothing is left of this minute.
  }
  await send(page, "One too many");
  const again = answer(page).getByRole("button", { name: /^Ready in \d+ s$/ });
  await expect(again).toBeDisabled();
  await expect(answer(page)).toContainText("limit_exceeded");
  await expect(page.getByLabel("Message"), "it comes back").toHaveValue("One too many");
  await expect(answer(page).getByRole("button", { name: "Try again" })).toBeEnabled({ timeout: 15_000 });
  await answer(page).getByRole("button", { name: "Try again" }).click();
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible({ timeout: 15_000 });
  await expect(page.getByLabel("Message")).toHaveValue("");
});

test("a budget says before sending that it will refuse, and does", async ({ page, request, gateway }) => {
  const key = await keyWith(request, gateway, { budget: { window: "day", limit_usd: 0.0001 } });
  await page.goto(`/chat/?model=sandbox/chat#key=${key}`);
  await expect(page.locator("[data-picker]").first()).toContainText("Sandbox");
  await page.getByLabel("Message").fill("What would this cost?");
  await expect(page.locator("#composer-note")).toContainText(/budget/i);
  await page.getByLabel("Message").press("Enter");
  await expect(answer(page)).toContainText("budget_exceeded");
  await expect(page.getByLabel("Message")).toHaveValue("What would this cost?");
});

test("a name that is not known offers the nearest", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await rename(page, "claude-sonet-9");
  await send(page, "Who is there?");
  await expect(answer(page)).toContainText("model_not_found");
  await page.unrouteAll();
  const asked = page.waitForRequest("**/api/v1/chat");
  await answer(page).getByRole("button", { name: "Ask anthropic/claude-sonnet-4.5" }).click();
  expect((await asked).postDataJSON()).toMatchObject({ model: "anthropic/claude-sonnet-4.5", messages: [{ content: [{ text: "Who is there?" }] }] });
  await expect(prompt(page, 2)).toHaveCount(0);
});

test("a provider that fails can be changed for another model", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await rename(page, "sandbox/fail:cut");
  await send(page, "Break off");
  await expect(answer(page)).toContainText("At fault: the provider");
  await answer(page).getByRole("button", { name: "Choose another model" }).click();
  await page.getByRole("combobox", { name: "Search models" }).fill("think");
  await page.keyboard.press("Enter");
  await page.unrouteAll();
  await answer(page).getByRole("button", { name: "Try again" }).click();
  await expect(answer(page).getByRole("button", { name: /^Thought/ })).toBeVisible();
});

for (const [how, sentence] of [["expired", "This key has expired."], ["revoked", "This key was revoked."]] as const) {
  test(`a key that is ${how} is told apart at the door`, async ({ page, request, gateway }) => {
    const soon = new Date(Date.now() + 1500).toISOString();
    const key = await keyWith(request, gateway, how === "expired" ? { expire_time: soon } : {});
    const headers = { authorization: `Bearer ${gateway.key}` };
    if (how === "revoked") {
      const id = key.split("_")[1] ?? "";
      expect((await request.post(`/api/v1/projects/default/keys/${id}/revoke`, { headers })).ok()).toBe(true);
    } else {
      await expect.poll(async () => (await request.get("/api/v1/caller", { headers: { authorization: `Bearer ${key}` } })).status()).toBe(401);
    }
    await page.goto("/usage/");
    await page.getByLabel("Key", { exact: true }).fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText(sentence)).toBeVisible();
    await page.getByLabel("Key", { exact: true }).fill(gateway.key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Usage", level: 1 }), "on to what was wanted").toBeVisible();
  });
}

test("readers hear that an answer begins, goes on and ends, never its words", async ({ page, request, gateway, signIn }) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  const made = await request.post("/api/v1/sessions", { headers, data: { model: "sandbox/echo", title: "An older chat" } });
  const { session } = (await made.json()) as { session: { id: string } };
  const data = { session_id: session.id, model: "sandbox/echo", messages: [{ role: "user", content: "Long ago" }] };
  expect((await request.post("/api/v1/chat", { headers, data })).ok()).toBe(true);
  await signIn("/chat/?model=sandbox/slow");
  await rename(page, "sandbox/slow:50:150");
  await page.clock.install();
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const region = (target instanceof Element ? target : target.parentElement)?.closest("[role=status].sr-only");
        if (region?.textContent) {
          heard.push(region.textContent);
        }
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await send(page, "Say it slowly");
  await expect(answer(page)).toContainText("You asked:");
  await page.clock.runFor(11_000);
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible({ timeout: 20_000 });
  await expect.poll(() => page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard.at(-1))).toMatch(/^Answer complete, \d+ tokens, /);
  const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);
  expect(heard[0]).toBe("Answering");
  expect(heard.join("\n")).toMatch(/Still answering, \d+ words/);
  expect(heard.join("\n")).not.toContain("slowly");

  await page.getByRole("link", { name: "An older chat" }).click();
  await expect(answer(page)).toContainText("Long ago");
  await expect(page.getByRole("status").filter({ hasText: "Answer complete" }), "an old answer is no news").toHaveCount(0);
});

test("a reader who wishes it hears each paragraph once it is settled", async ({ page, signIn }) => {
  await signIn("/settings/?tab=browser");
  await page.getByText("as they settle").click();
  await page.goto("/chat/?model=sandbox/chat");
  await send(page, "Say **something** to me");
  const told = page.getByRole("log", { name: "Answer as it settles" }).getByRole("paragraph");
  await expect(told.first()).toHaveText("You asked: Say something to me");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await expect(told.last()).toContainText("set a provider's key to reach real models.");
  const texts = await told.allTextContents();
  expect(new Set(texts).size, "each of them once").toBe(texts.length);
});
