// What tests of the chat do again and again.
import { expect, type Page } from "@playwright/test";

/** Sends a prompt once the page knows its models. */
export async function send(page: Page, text: string): Promise<void> {
  await expect(page.locator("[data-picker]").first()).toContainText("Sandbox");
  await page.getByLabel("Message").fill(text);
  await page.getByLabel("Message").press("Enter");
}

/** Sends chats to a model that the catalogue does not list: the sandbox's pace and faults are part of a name. */
export async function rename(page: Page, model: string): Promise<void> {
  await page.route("**/api/v1/chat", async (route) => {
    const body = route.request().postDataJSON() as Record<string, unknown>;
    await route.continue({ postData: JSON.stringify({ ...body, model }) });
  });
}

export const answer = (page: Page, number = 1) => page.getByRole("article", { name: new RegExp(`^Answer ${number},`) });
export const prompt = (page: Page, number = 1) => page.getByRole("article", { name: `Prompt ${number}`, exact: true });

/** The smallest picture, in base64. */
export const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/p9QjGQAAAABJRU5ErkJggg==";
