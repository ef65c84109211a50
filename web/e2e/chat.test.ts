import { answer, PNG, rename, send } from "./chat";
import { expect, test } from "./fixtures";

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

test("a key that is revoked in the middle of work is replaced, and nothing is lost", async ({ page, request, gateway }) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  const made = await request.post("/api/v1/projects/default/keys", { headers, data: { name: "short-lived" } });
  const { full_key: key, key: { id } } = (await made.json()) as { full_key: string; key: { id: string } };
  await page.goto(`/chat/?model=sandbox/echo#key=${key}`);
  await send(page, "First");
  await expect(answer(page)).toContainText("First");

  expect((await request.post(`/api/v1/projects/default/keys/${id}/revoke`, { headers })).ok()).toBe(true);
  await send(page, "Second");
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await expect(dialog).toContainText("This key was revoked.");
  await expect(page.getByRole("article", { name: "Prompt 2" })).toContainText("Second");
  await dialog.getByLabel("Key", { exact: true }).fill(key);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toContainText("This key was revoked.");
  await dialog.getByLabel("Key", { exact: true }).fill(gateway.key);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toBeHidden();
  await expect(answer(page, 2)).toContainText("Second");
});

test("an answer streams with table, code and math, and tells what it cost", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/chat");
  await send(page, "Compare models in a table, with code and math");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await expect(answer(page).getByRole("table").first()).toBeVisible();
  await expect(answer(page).locator(".sx-key").first()).toBeVisible();
  await expect(answer(page).locator(".katex").first()).toBeVisible();
  await expect(answer(page).getByText("to first token")).toBeVisible();
  await expect(page).toHaveURL(/session=ses_/);
  await expect(page.getByRole("link", { name: /^Compare models in a table/ })).toBeVisible();

  await page.reload();
  await expect(answer(page).getByRole("table").first()).toBeVisible();
});

test("thinking folds, and an answer written anew is a sibling", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/think");
  await send(page, "Why hedge?");
  await expect(answer(page).getByRole("button", { name: /^Thought/ })).toBeVisible();
  await answer(page).getByRole("button", { name: "Regenerate" }).click();
  await expect(answer(page).getByRole("group", { name: "Answer 2 of 2" })).toBeVisible();
  await answer(page).getByRole("button", { name: "Previous branch" }).click();
  await expect(answer(page).getByRole("group", { name: "Answer 1 of 2" })).toBeVisible();
});

test("an answer's cost is told class by class, to the nano-dollar", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/think");
  await send(page, "What does this cost?");
  await answer(page).getByRole("button", { name: /to first token/ }).click();
  const sheet = page.getByRole("dialog", { name: "What this answer used" });
  await expect(sheet.getByRole("row", { name: /^Thinking/ })).toContainText("×");
  const amounts = await sheet.getByRole("row").locator("td:last-child").allTextContents();
  const [booked, ...terms] = amounts.map((text) => Math.round(Number(text.replace("$", "")) * 1e9)).reverse();
  expect(terms.length).toBeGreaterThan(2);
  expect(booked).toBe(terms.reduce((sum, one) => sum + one, 0));
  await expect(sheet).toContainText(/Prices of sandbox from .*, version/);
  await expect(sheet.getByRole("link", { name: "Open generation" })).toBeVisible();
});

test("a reload in the middle loses nothing", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/slow");
  await rename(page, "sandbox/slow:50:150");
  await send(page, "Go on after the reload");
  await expect(page.getByText(/out so far/)).toBeVisible();
  await page.reload();
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("article", { name: /^Answer/ })).toHaveCount(1);
  await expect(answer(page)).toContainText("You asked:");
});

test("drafts stay, attachments are checked, and the palette opens pages", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/chat");
  await page.getByLabel("Message").fill("not yet sent");
  await page.reload();
  await expect(page.getByLabel("Message")).toHaveValue("not yet sent");
  await page.locator('input[type="file"]').setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") });
  const attached = page.getByRole("list", { name: "Attachments" });
  await expect(attached).toContainText("dot.png");
  await page.reload();
  await expect(attached).toContainText("dot.png");

  await send(page, "now sent");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await expect(attached).toHaveCount(0);
  await page.goto("/chat/?model=sandbox/chat");
  await expect(page.getByLabel("Message")).toHaveValue("");
  await expect(page.locator("[data-picker]").first()).toContainText("Sandbox");
  await expect(attached).toHaveCount(0);

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or jump to" }).fill("usage");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/usage\//);
});

test("a draft belongs to its chat, and what could not be sent comes back", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "Hello");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await page.getByLabel("Message").fill("for this chat alone");
  await page.getByLabel("New chat", { exact: true }).click();
  await expect(page.getByLabel("Message")).toHaveValue("");

  await page.route("**/api/v1/sessions", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await page.locator('input[type="file"]').setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") });
  await send(page, "never sent");
  await expect(page.getByText("the gateway does not answer")).toBeVisible();
  await expect(page.getByLabel("Message")).toHaveValue("never sent");
  await expect(page.getByRole("list", { name: "Attachments" })).toContainText("dot.png");

  await page.unrouteAll();
  let refuse = () => undefined as unknown;
  await page.route("**/api/v1/sessions", (route) => (route.request().method() === "POST" ? (refuse = () => route.abort()) : route.continue()));
  await page.getByLabel("Message").press("Enter");
  await expect(page.getByRole("list", { name: "Attachments" })).toHaveCount(0);
  await page.getByLabel("Message").fill("begun meanwhile");
  refuse();
  await expect(page.getByLabel("Message")).toHaveValue("never sent\n\nbegun meanwhile");
  await page.reload();
  await expect(page.getByLabel("Message")).toHaveValue("never sent\n\nbegun meanwhile");
  await expect(page.getByRole("list", { name: "Attachments" })).toContainText("dot.png");

  await page.getByRole("link", { name: /^Hello/ }).click();
  await expect(page.getByLabel("Message")).toHaveValue("for this chat alone");
});

test("a refusal says whose it is and keeps what came, and the request is copied as code", async ({ page, context, signIn }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn("/chat/?model=sandbox/slow");
  await rename(page, "sandbox/fail:cut");
  await send(page, "Break off, please");
  await expect(answer(page).getByText("At fault: the provider")).toBeVisible();
  await expect(answer(page).getByRole("button", { name: "Try again" })).toBeVisible();
  await page.getByRole("button", { name: "Copy the request as code" }).click();
  await page.getByRole("button", { name: "Copy as cURL" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/^curl -N [^]*\$GGW_KEY[^]*Break off, please/);
});

test("two models answer side by side", async ({ page, signIn }) => {
  await signIn("/compare/?models=sandbox/echo,sandbox/chat");
  await send(page, "Hello both");
  await expect(page.getByRole("button", { name: "Continue with this" })).toHaveCount(2);
  await expect(page.getByText("Cheapest")).toBeVisible();
});

test("answers side by side scroll together until they are unlocked", async ({ page, signIn }) => {
  await signIn("/compare/?models=sandbox/echo,sandbox/chat");
  await rename(page, "sandbox/echo");
  await send(page, Array.from({ length: 150 }, (_, line) => `Line ${line}`).join("\n\n"));
  await expect(page.getByRole("button", { name: "Continue with this" })).toHaveCount(2);
  const columns = ["sandbox/echo", "sandbox/chat"].map((model) => page.getByRole("main").locator(`section[aria-label="${model}"]`));
  const below = () =>
    Promise.all(columns.map((column) => column.evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight))));
  await expect.poll(below, "both are followed to their ends").toEqual([0, 0]);
  await columns[0]?.hover();
  await page.mouse.wheel(0, -600);
  await expect.poll(async () => (await below())[0]).toBeGreaterThan(500);
  // Once the wheel has come to rest.
  await expect.poll(async () => new Set(await below()).size).toBe(1);
  const [first = 0, second = 0] = await below();
  await page.getByRole("button", { name: "Locked" }).click();
  await columns[0]?.hover();
  await page.mouse.wheel(0, -600);
  await expect.poll(async () => (await below())[0]).toBeGreaterThan(first + 500);
  expect((await below())[1]).toBe(second);
});

test("of two answers one is stopped, and the other goes on", async ({ page, signIn }) => {
  await signIn("/compare/?models=sandbox/slow,sandbox/echo");
  await page.route("**/api/v1/chat", async (route) => {
    const body = route.request().postDataJSON() as Record<string, unknown>;
    await route.continue({ postData: JSON.stringify({ ...body, model: body["model"] === "sandbox/echo" ? "sandbox/slow:50:100" : "sandbox/slow:50:1000" }) });
  });
  await send(page, "One of you is too slow");
  const column = (model: string) => page.getByRole("main").locator(`section[aria-label="${model}"]`);
  await expect(column("sandbox/slow")).toContainText("You");
  await page.getByRole("button", { name: "Stop sandbox/slow" }).click();
  await expect(column("sandbox/slow")).toContainText("Stopped");
  await expect(column("sandbox/echo")).not.toContainText("Stopped");
  await expect(page.getByRole("button", { name: "Continue with this" })).toHaveCount(2, { timeout: 15_000 });
});

test("an answer that ends while nobody looks is counted in the title", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/slow");
  await rename(page, "sandbox/slow:50:40");
  await send(page, "Come back later");
  await expect(answer(page)).toContainText("You asked:");
  const hide = (hidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  await expect(page).toHaveTitle("(1) Chat · Generative Gateway", { timeout: 15_000 });
  await hide(false);
  await expect(page).toHaveTitle("Chat · Generative Gateway");
});

test("who signs in next sees nothing of who was here before", async ({ page, request, gateway, signIn }) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  expect((await request.post("/api/v1/projects", { headers, data: { name: "next" } })).ok()).toBe(true);
  const made = await request.post("/api/v1/projects/next/keys", { headers, data: { name: "next" } });
  const { full_key: key } = (await made.json()) as { full_key: string };
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "For nobody else");
  await expect(page.getByRole("link", { name: /^For nobody else/ })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or jump to" }).fill(">Sign out");
  await page.keyboard.press("Enter");
  await page.getByLabel("Key", { exact: true }).fill(key);
  // Nothing is answered any more: what is shown then would be what was kept.
  await page.route("**/api/v1/sessions*", () => undefined);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
  await expect(page.getByText("For nobody else")).toHaveCount(0);
  await expect(page.getByRole("complementary", { name: "Sidebar" })).not.toContainText("default");
});
