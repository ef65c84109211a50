import type { Page } from "@playwright/test";

import { expect, test } from "./fixtures";

/** Sends a prompt once the page knows its models. */
async function send(page: Page, text: string): Promise<void> {
  await expect(page.getByRole("button", { name: /^S? ?Sandbox/ }).first()).toBeVisible();
  await page.getByLabel("Message").fill(text);
  await page.getByLabel("Message").press("Enter");
}

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/p9QjGQAAAABJRU5ErkJggg==";

test("the login address signs in and leaves no key behind", async ({ page, gateway, signIn }) => {
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.url()));
  await signIn("/");
  expect(page.url()).not.toContain("key=");
  expect(sent.filter((url) => url.includes(gateway.key))).toEqual([]);
  expect(await page.evaluate(() => Object.values(localStorage).join())).not.toContain("ggw_");
});

test("a wrong key is told apart, and its text stays", async ({ page }) => {
  await page.goto("/models/");
  await page.getByLabel("Key", { exact: true }).fill("ggw_nonsense");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("This key is not known here.")).toBeVisible();
  await expect(page.getByLabel("Key", { exact: true })).toHaveValue("ggw_nonsense");
});

test("an answer streams with table, code and math, and tells what it cost", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/chat");
  await send(page, "Compare models in a table, with code and math");
  const answer = page.getByRole("article", { name: /^Answer 1/ });
  await expect(answer.getByRole("button", { name: "Regenerate" })).toBeVisible();
  await expect(answer.getByRole("table").first()).toBeVisible();
  await expect(answer.locator(".sx-key").first()).toBeVisible();
  await expect(answer.locator(".katex").first()).toBeVisible();
  await expect(answer.getByText("to first token")).toBeVisible();
  await expect(page).toHaveURL(/session=ses_/);
  await expect(page.getByRole("link", { name: /^Compare models in a table/ })).toBeVisible();

  await page.reload();
  await expect(answer.getByRole("table").first()).toBeVisible();
});

test("thinking folds, and an answer written anew is a sibling", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/think");
  await send(page, "Why hedge?");
  const answer = page.getByRole("article", { name: /^Answer 1/ });
  await expect(answer.getByRole("button", { name: /^Thought/ })).toBeVisible();
  await answer.getByRole("button", { name: "Regenerate" }).click();
  await expect(answer.getByRole("group", { name: "Answer 2 of 2" })).toBeVisible();
  await answer.getByRole("button", { name: "Previous branch" }).click();
  await expect(answer.getByRole("group", { name: "Answer 1 of 2" })).toBeVisible();
});

test("stopping keeps what came and tells its final cost", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/slow");
  // The sandbox's pace is part of its name, which the catalogue does not list.
  await page.route("**/api/v1/chat", async (route) => {
    const body = route.request().postDataJSON() as Record<string, unknown>;
    await route.continue({ postData: JSON.stringify({ ...body, model: "sandbox/slow:50:300" }) });
  });
  await send(page, "Take your time with this answer please");
  const answer = page.getByRole("article", { name: /^Answer 1/ });
  await expect(answer.getByText(/out so far/)).toBeVisible();
  await page.getByRole("button", { name: /^Stop/ }).click();
  await expect(answer.getByText("Stopped")).toBeVisible();
});

test("a reload in the middle loses nothing", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/slow");
  await page.route("**/api/v1/chat", async (route) => {
    const body = route.request().postDataJSON() as Record<string, unknown>;
    await route.continue({ postData: JSON.stringify({ ...body, model: "sandbox/slow:50:150" }) });
  });
  await send(page, "Go on after the reload");
  await expect(page.getByText(/out so far/)).toBeVisible();
  await page.reload();
  const answer = page.getByRole("article", { name: /^Answer 1/ });
  await expect(answer.getByRole("button", { name: "Regenerate" })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("article", { name: /^Answer/ })).toHaveCount(1);
  await expect(answer).toContainText("You asked:");
});

test("drafts stay, attachments are checked, and the palette opens pages", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/chat");
  await page.getByLabel("Message").fill("not yet sent");
  await page.reload();
  await expect(page.getByLabel("Message")).toHaveValue("not yet sent");
  await page.locator('input[type="file"]').setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") });
  await expect(page.getByRole("list", { name: "Attachments" })).toContainText("dot.png");

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or jump to" }).fill("usage");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/usage\//);
});

test("Markdown neither runs nor loads anything", async ({ page, gateway, signIn }) => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(gateway.url)) {
      foreign.push(request.url());
    }
  });
  await signIn("/chat/?model=sandbox/echo");
  const text = '<img src=x onerror="document.title=1"> ![p](https://evil.example/a.png) [x](javascript:alert(1)) <script>document.title=2</script>';
  await send(page, text);
  const answer = page.getByRole("article", { name: /^Answer 1/ });
  await expect(answer.getByText("Image from evil.example")).toBeVisible();
  await expect(answer.locator("img, script, a[href^=javascript]")).toHaveCount(0);
  expect(foreign).toEqual([]);
});

test("two models answer side by side", async ({ page, signIn }) => {
  await signIn("/compare/?models=sandbox/echo,sandbox/chat");
  await send(page, "Hello both");
  await expect(page.getByRole("button", { name: "Continue with this" })).toHaveCount(2);
  await expect(page.getByText("Cheapest")).toBeVisible();
});
