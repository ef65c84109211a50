// A picture of every page in both themes: in full at a phone's and a desk's width, and whether it fits at others.
import { join } from "node:path";

import { answer, rename, send } from "./chat";
import { expect, test } from "./fixtures";
import { makeTraffic } from "./traffic";

const PAGES = {
  models: "/models/",
  "models-chart": "/models/?view=chart",
  model: "/model/?id=sandbox/think",
  usage: "/usage/?range=24h",
  "usage-log": "/usage/?range=24h&scale=log",
  generations: "/generations/",
  keys: "/keys/",
  budgets: "/keys/?tab=budgets",
  settings: "/settings/",
  configuration: "/settings/?tab=configuration",
  audit: "/settings/?tab=audit",
  gallery: "/gallery/",
};
const FOLDER = process.env["SCREENSHOTS"] ?? ".next/screenshots";

test.beforeAll(async ({ playwright, gateway }) => {
  const request = await playwright.request.newContext();
  await makeTraffic(request, gateway);
  await request.dispose();
});

for (const theme of ["light", "dark"] as const) {
  for (const width of [390, 1440]) {
    test(`${theme} at ${width}`, async ({ page, signIn }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 900 });
      const shoot = (name: string) => page.screenshot({ path: join(FOLDER, `${name}-${theme}-${width}.png`) });
      await page.goto("/models/");
      await expect(page.getByLabel("Key", { exact: true })).toBeVisible();
      await shoot("login");
      await signIn();
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(path);
        await expect(page.locator("h1").first()).toBeVisible();
        await page.waitForLoadState("networkidle");
        await shoot(name);
      }
      await page.goto("/generations/?status=completed");
      await page.getByRole("table").getByText("Sandbox think").first().click();
      await expect(page.getByRole("table", { name: "Attempts in time" })).toBeVisible();
      await shoot(width < 1200 ? "generation" : "peek");
    });
  }
}

for (const theme of ["light", "dark"] as const) {
  for (const width of [390, 1440]) {
    test(`the chat, ${theme} at ${width}`, async ({ page, signIn }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 900 });
      const shoot = (name: string) => page.screenshot({ path: join(FOLDER, `chat-${name}-${theme}-${width}.png`) });
      const fresh = async (model: string) => {
        await page.unrouteAll();
        await page.goto(`/chat/?model=${model}`);
        await expect(page.locator("[data-picker]").first()).toContainText("Sandbox");
      };
      await signIn("/chat/");
      await expect(page.getByRole("button", { name: /^A table/ })).toBeVisible();
      await shoot("start");

      await fresh("sandbox/think");
      await rename(page, "sandbox/think:40:200");
      await send(page, "Think about hedged requests");
      await expect(page.getByRole("region", { name: "Thinking" })).toBeVisible();
      await shoot("thinking");
      await page.getByRole("button", { name: "Stop" }).click();

      await fresh("sandbox/chat");
      await send(page, "Compare the models in a table, with code and math");
      await expect(answer(page).locator(".katex").first()).toBeVisible();
      await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
      await shoot("content");
      await answer(page).getByRole("button", { name: /to first token/ }).click();
      await expect(page.getByRole("dialog", { name: "What this answer used" }).getByText("Booked")).toBeVisible();
      await shoot("cost");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+/");
      await expect(page.getByRole("combobox", { name: "Search models" })).toBeVisible();
      await shoot("picker");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Search or jump to" }).fill("us");
      await expect(page.getByRole("option").first()).toBeVisible();
      await shoot("palette");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+.");
      await expect(page.getByLabel("System prompt")).toBeVisible();
      await shoot("settings");

      await fresh("sandbox/echo");
      await page.locator('input[type="file"]').setInputFiles([
        { name: "notes.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") },
        { name: "clip.mp4", mimeType: "video/mp4", buffer: Buffer.from("0000") },
      ]);
      await page.getByLabel("Message").fill("What do these say?");
      await expect(page.getByRole("list", { name: "Attachments" })).toContainText("clip.mp4");
      await shoot("attachments");
      await page.getByRole("button", { name: "Remove notes.pdf" }).click();
      await page.getByRole("button", { name: "Remove clip.mp4" }).click();

      await rename(page, "sandbox/fail:cut");
      await send(page, "Break off");
      await expect(answer(page)).toContainText("At fault");
      await shoot("refusal");
      await fresh("sandbox/cite");
      await send(page, "hedged requests");
      await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
      await shoot("sources");

      await page.unrouteAll();
      await page.goto("/compare/?models=sandbox/chat,sandbox/think,sandbox/echo");
      await send(page, "What does a hedge cost?");
      await expect(page.getByRole("button", { name: "Continue with this" }).first()).toBeVisible();
      await shoot("compare");
    });
  }
}

test("no page scrolls sideways, from a small phone to a wide desk", async ({ page, signIn }) => {
  await signIn();
  for (const width of [360, 768, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(path);
      await expect(page.locator("h1").first()).toBeVisible();
      await page.waitForLoadState("networkidle");
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} at ${width}`).toBeLessThanOrEqual(0);
      await page.screenshot({ path: join(FOLDER, `${name}-${width}.png`) });
    }
  }
});
