// What is done by key and by palette: all of it, from one registry.
import type { Page } from "@playwright/test";

import { answer, prompt, send } from "./chat";
import { expect, test } from "./fixtures";

const palette = (page: Page) => page.getByRole("combobox", { name: "Search or jump to" });

async function run(page: Page, title: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await palette(page).fill(`>${title}`);
  await expect(page.getByRole("option", { name: title }).first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(palette(page)).toBeHidden();
}

for (const path of ["/chat/", "/models/", "/usage/", "/generations/", "/keys/", "/settings/"]) {
  test(`the list of keys and the palette know the same of ${path}`, async ({ page, signIn }) => {
    await signIn(path);
    await page.waitForLoadState("networkidle");
    await page.keyboard.press("Control+k");
    await palette(page).fill(">");
    const offered = await page.getByRole("option").evaluateAll((options) =>
      options.flatMap((option) => (option.querySelector("kbd") ? [option.textContent ?? ""] : [])),
    );
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(palette(page)).toBeHidden();
    // Single letters are keys only where nothing is being written.
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press("?");
    const sheet = page.getByRole("dialog", { name: "Keys" });
    await expect(sheet).toBeVisible();
    const listed = await sheet.locator("dl > div").evaluateAll((rows) => rows.map((row) => row.textContent ?? ""));
    expect(listed.filter((text) => !text.startsWith("Search or jump to")).sort()).toEqual(offered.sort());
    expect(offered.length).toBeGreaterThan(10);
  });
}

test("what the palette offers of a chat is done", async ({ page, context, signIn }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "Said once");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();

  await run(page, "Copy last answer");
  await expect.poll(copied).toContain("Said once");
  for (const [title, text] of [["cURL", "curl -N"], ["Python", "from openai import OpenAI"], ["TypeScript", "import OpenAI"], ["gRPC", "grpcurl"]] as const) {
    await run(page, `Copy as ${title}`);
    await expect.poll(copied).toContain(text);
  }
  await run(page, "Toggle settings");
  await expect(page.getByLabel("System prompt")).toBeVisible();
  await run(page, "Toggle settings");
  await expect(page.getByLabel("System prompt")).toBeHidden();
  const choosing = page.waitForEvent("filechooser");
  await run(page, "Attach file");
  await choosing;
  await run(page, "Regenerate");
  await expect(answer(page).getByRole("group", { name: "Answer 2 of 2" })).toBeVisible();
  await run(page, "Edit last prompt");
  await expect(page.getByRole("textbox", { name: "Edit the prompt" })).toBeFocused();
  await page.keyboard.press("Escape");
  await run(page, "Write a message");
  await expect(page.getByLabel("Message")).toBeFocused();
  await run(page, "Rename chat");
  await page.getByRole("textbox", { name: "Name of the chat" }).fill("Named by key");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "Named by key" })).toBeVisible();
  await run(page, "Choose a model");
  await expect(page.getByRole("combobox", { name: "Search models" })).toBeFocused();
  await page.keyboard.press("Escape");
  await run(page, "Delete chat");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("link", { name: "Named by key" })).toBeVisible();
});

test("what it offers of other pages is done", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "For the books");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();

  await run(page, "Usage");
  await expect(page.getByRole("heading", { name: "Usage", level: 1 })).toBeVisible();
  await expect(page.getByRole("application", { name: /^Cost: / })).toBeVisible();
  await run(page, "Group by provider");
  await expect(page).toHaveURL(/by=provider/);
  await run(page, "Range: 24 h");
  await expect(page).toHaveURL(/range=24h/);
  const download = page.waitForEvent("download");
  await run(page, "Export as CSV");
  expect((await download).suggestedFilename()).toBe("usage.csv");
  await run(page, "Generations");
  await expect(page).toHaveURL(/\/generations\//);
  await run(page, "Pause the log");
  await expect(page.getByRole("button", { name: "Paused" })).toBeVisible();
  await run(page, "Keys and projects");
  await run(page, "Create key");
  await expect(page.getByRole("dialog", { name: /^Create a key/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.goto("/models/?q=echo");
  await expect(page.getByRole("table", { name: "Models" })).toBeVisible();
  await run(page, "Clear filters");
  await expect(page).toHaveURL(/\/models\/$/);
  const rowHeight = () => page.locator("tbody tr[aria-rowindex]").first().evaluate((row) => row.getBoundingClientRect().height);
  const tall = await rowHeight();
  await run(page, "Tables: compact");
  expect(await rowHeight()).toBeLessThan(tall);
  await run(page, "Theme: dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await run(page, "Sign out");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
});

test("what is pressed before the scripts have come is done when they have", async ({ page, signIn }) => {
  await signIn("/usage/");
  for (const pressed of ["keys", "button"]) {
    let come = () => {};
    const late = new Promise<void>((resolve) => (come = resolve));
    await page.route("**/_next/static/**/*.js", async (route) => {
      await late;
      await route.continue();
    });
    await page.reload({ waitUntil: "commit" });
    const button = page.getByRole("button", { name: "Search or jump to" });
    await expect(button).toBeVisible();
    if (pressed === "keys") {
      await page.keyboard.press("Control+k");
    } else {
      await button.click();
    }
    come();
    await expect(palette(page)).toBeFocused();
    await page.unroute("**/_next/static/**/*.js");
  }
});

test("models, chats and ids are opened from it", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "A remarkable pelican");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  const session = new URL(page.url()).searchParams.get("session") ?? "";
  const go = async (text: string, option: string | RegExp) => {
    await page.keyboard.press("Control+k");
    await palette(page).fill(text);
    await expect(page.getByRole("option", { name: option }).first()).toBeVisible();
    await page.getByRole("option", { name: option }).first().click();
  };
  await go("@think", "Open Sandbox think");
  await expect(page).toHaveURL(/\/model\/\?id=sandbox%2Fthink/);
  await go("#pelican", /pelican/);
  await expect(prompt(page)).toContainText("A remarkable pelican");
  await page.goto("/settings/");
  await go(session, `Open chat ${session}`);
  await expect(prompt(page)).toContainText("A remarkable pelican");

  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.keyboard.press("Control+k");
  await palette(page).fill("ggw_aaaaaaaa_bbbbbbbbbbbb");
  await expect(page.getByText("Nothing is called that.")).toBeVisible();
  await palette(page).fill("pelican");
  await expect(page.getByRole("option", { name: /pelican/ })).toBeVisible();
  expect(asked.filter((url) => url.includes("ggw_")), "a key is not sent in an address").toEqual([]);
});

test("words are sought in all of a chat, also where it was not read yet", async ({ page, request, gateway, signIn }) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  const made = await request.post("/api/v1/sessions", { headers, data: { model: "sandbox/echo" } });
  const { session } = (await made.json()) as { session: { id: string } };
  for (let turn = 0; turn < 30; turn++) {
    const text = turn === 1 ? "A heron, and a heron" : `Turn ${turn}`;
    const data = { model: "sandbox/echo", session_id: session.id, messages: [{ role: "user", content: [{ text }] }] };
    expect((await request.post("/api/v1/chat", { headers, data })).ok()).toBe(true);
  }
  await signIn(`/chat/?session=${session.id}`);
  await expect(prompt(page, 25)).toContainText("Turn 29");
  await page.keyboard.press("Control+Shift+f");
  const field = page.getByRole("searchbox", { name: "Search this chat" });
  await field.fill("HERON");
  const bar = page.getByRole("search");
  await expect(bar).toContainText(/^2 turns$/);
  await field.press("Enter");
  await expect(bar).toContainText("2 of 2 turns");
  await expect(answer(page, 2)).toBeInViewport();
  const marked = () => page.evaluate(() => [...(CSS.highlights.get("found") ?? [])].map(String));
  await expect.poll(marked).toContain("heron");
  await field.press("Shift+Enter");
  await expect(bar).toContainText("1 of 2 turns");
  await expect(prompt(page, 2)).toBeInViewport();
  await page.getByLabel("Message").focus();
  await page.keyboard.press("Control+Shift+f");
  await expect(field).toBeFocused();
  await field.press("Escape");
  await expect(field).toBeHidden();
  expect(await marked()).toEqual([]);
});

test("turns and their branches are walked by keys", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  for (const text of ["one", "two", "three"]) {
    await send(page, text);
    await expect(page.getByRole("article", { name: /^Answer/ }).last()).toContainText(text);
    await expect(page.getByRole("article", { name: /^Answer/ }).last().getByRole("button", { name: "Regenerate" })).toBeVisible();
  }
  await answer(page, 3).getByRole("button", { name: "Regenerate" }).click();
  await expect(answer(page, 3).getByRole("group", { name: "Answer 2 of 2" })).toBeVisible();
  await answer(page, 3).focus();
  await page.keyboard.press("[");
  await expect(answer(page, 3).getByRole("group", { name: "Answer 1 of 2" })).toBeVisible();
  await answer(page, 3).focus();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(prompt(page, 3)).toBeFocused();
  await page.keyboard.press("Alt+ArrowUp");
  await expect(answer(page, 2)).toBeFocused();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(prompt(page, 3)).toBeFocused();
  await page.getByLabel("Message").press("ArrowUp");
  await expect(page.getByRole("textbox", { name: "Edit the prompt" })).toHaveValue("three");
});
