// A picture of the chat in its states, in both themes, on a phone and on a desk.
import { join } from "node:path";

import { answer, rename, send } from "./chat";
import { expect, test } from "./fixtures";
import { FOLDER } from "./report";

for (const theme of ["light", "dark"] as const) {
  for (const width of [390, 1440]) {
    test(`${theme} at ${width}`, async ({ page, signIn }) => {
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
      await send(page, "Think about hedged requests");
      await answer(page).getByRole("button", { name: /^Thought/ }).click();
      await shoot("thinking");
      await fresh("sandbox/slow");
      await rename(page, "sandbox/slow:40:300");
      await send(page, "Take your time");
      await expect(answer(page)).toContainText("You asked:");
      await page.getByLabel("Message").fill("And then there is this");
      await page.getByLabel("Message").press("Enter");
      await expect(page.getByText("Sends when this answer ends")).toBeVisible();
      await shoot("streaming");

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
