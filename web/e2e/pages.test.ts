import { expect, test } from "./fixtures";

test.beforeEach(async ({ request, gateway }) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  const data = { model: "sandbox/think", messages: [{ role: "user", content: [{ text: "Hello" }] }] };
  expect((await request.post("/api/v1/chat", { headers, data })).ok()).toBe(true);
});

test("a range is dragged on the chart, and Back undoes it", async ({ page, signIn }) => {
  await signIn("/usage/");
  const chart = page.getByRole("application", { name: /^Cost: / });
  const box = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (part: number) => [box.x + box.width * part, box.y + box.height / 2] as const;
  await page.mouse.move(...at(0.5));
  await page.mouse.down();
  await page.mouse.move(...at(0.7), { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/\?start=\d{4}-\d\d-\d\d&end=\d{4}-\d\d-\d\d$/);
  await expect(page.getByRole("group", { name: "Range" }).getByRole("button", { pressed: true })).toHaveCount(0);
  await page.goBack();
  await expect(page).toHaveURL(/\/usage\/$/);
  await chart.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/start=/);
});

test("a chart reads out each point, and the table under it tells the same", async ({ page, signIn }) => {
  await signIn("/usage/?range=24h&metric=requests");
  const model = "sandbox/think";
  await page.getByRole("application", { name: /^Requests: / }).focus();
  const figure = page.locator("figure").first();
  const heard = new Set<string>();
  let sum = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    await page.keyboard.press("ArrowLeft");
    heard.add((await figure.getByRole("status").textContent()) ?? "");
    const told = figure.getByText(model, { exact: true }).locator("xpath=following-sibling::span");
    sum += (await told.count()) > 0 ? Number(await told.textContent()) : 0;
  }
  expect(heard.size, "each hour is read out").toBe(24);
  expect(sum).toBeGreaterThan(0);
  const row = page.getByRole("table", { name: "Usage by model" }).getByRole("row", { name: new RegExp(model) });
  await expect(row.getByRole("cell").nth(3)).toHaveText(String(sum));
});

test("tokens are told by class, as the books have them", async ({ page, request, gateway, signIn }) => {
  await signIn("/usage/?range=24h");
  const read = await request.get("/api/v1/usage/summary", { headers: { authorization: `Bearer ${gateway.key}` } });
  const { total } = (await read.json()) as { total: Record<string, string> };
  const table = page.getByRole("table", { name: "Tokens by class" });
  for (const [name, key] of [["Input", "input_tokens"], ["Output", "output_tokens"], ["Thinking", "reasoning_tokens"]] as const) {
    expect(Number(total[key]), key).toBeGreaterThan(0);
    const exact = Number(total[key]).toLocaleString("en-GB");
    await expect(table.getByRole("row", { name: new RegExp(`^${name}`) }).getByTitle(`${exact} tokens`, { exact: true })).toBeVisible();
  }
  await page.getByRole("application", { name: /^Tokens by class: / }).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator("figure").filter({ hasText: "Tokens by class" }).getByRole("status")).toContainText("so far");
});

test("a page of the log is one request, however often it is looked at again", async ({ page, signIn }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await signIn("/generations/");
  const table = page.getByRole("table", { name: "Generations, newest first" });
  await expect(table.locator("tbody tr").first()).toBeVisible();
  await page.keyboard.press("p");
  await expect(page.getByRole("button", { name: "Paused" })).toBeVisible();
  const before = asked.filter((path) => path.startsWith("/api/v1/generations")).length;
  expect(before, "one, and one of each poll until it was paused").toBeLessThanOrEqual(3);
  expect(asked.filter((path) => path.startsWith("/api/v1/generations/")), "none of them by itself").toEqual([]);
  await table.locator("tbody tr").first().hover();
  expect(asked.filter((path) => path.startsWith("/api/v1/generations")).length).toBe(before);
  // What is asked for before the scripts come is not asked for again.
  expect(asked.filter((path) => /^\/api\/v1\/(caller|models)$/.test(path)).sort()).toEqual(["/api/v1/caller", "/api/v1/models"]);
});

test("rows that come while the log is read wait behind a pill", async ({ page, request, gateway, signIn }) => {
  // Rows of one end user alone: they all are drawn, however many there are of others.
  const chat = async () => {
    const headers = { authorization: `Bearer ${gateway.key}` };
    const data = { model: "sandbox/echo", end_user: "reader", messages: [{ role: "user", content: [{ text: "New" }] }] };
    expect((await request.post("/api/v1/chat", { headers, data })).ok()).toBe(true);
  };
  await chat();
  await signIn("/generations/?user=reader");
  const rows = page.getByRole("table", { name: "Generations, newest first" }).getByText("Sandbox echo");
  await expect(rows).toHaveCount(1);
  await rows.first().hover();
  await chat();
  await expect(page.getByRole("button", { name: "1 new" })).toBeVisible();
  await expect(rows).toHaveCount(1);
  await page.getByRole("button", { name: "1 new" }).click();
  await expect(rows).toHaveCount(2);
});

test("a log that was read further back goes on telling what comes", async ({ page, request, gateway, signIn }) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  const data = { model: "sandbox/echo", end_user: "archivist", messages: [{ role: "user", content: [{ text: "Old" }] }] };
  for (let sent = 0; sent < 101; sent++) {
    await request.post("/api/v1/chat", { headers, data });
  }
  await signIn("/generations/?user=archivist");
  const table = page.getByRole("table", { name: "Generations, newest first" });
  await expect(table).toHaveAttribute("aria-rowcount", "101");
  await page.getByRole("button", { name: "Older" }).click();
  await expect(table).toHaveAttribute("aria-rowcount", "102");
  // The pointer is left on the table, so that nothing moves under it.
  await request.post("/api/v1/chat", { headers, data });
  await page.getByRole("button", { name: "1 new" }).click();
  await expect(table).toHaveAttribute("aria-rowcount", "103");
});

test("models are searched, filtered by address, and priced", async ({ page, signIn }) => {
  await signIn("/models/?cap=thinking");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("row", { name: /Sandbox think/ }).click();
  await expect(page.getByRole("heading", { name: "Sandbox think" })).toBeVisible();
  await expect(page.getByText("a month", { exact: true }).last()).toBeVisible();
});

test("a model is asked for once, before the scripts of its page have come", async ({ page, signIn }) => {
  const path = "/api/v1/models/sandbox/think";
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const early = page.waitForRequest(`**${path}`);
  await page.route("**/_next/static/**/*.js", async (route) => {
    await early;
    await route.continue();
  });
  await signIn("/model/?id=sandbox/think");
  await expect(page.getByRole("heading", { name: "Sandbox think" })).toBeVisible();
  expect(asked.filter((one) => one === path)).toHaveLength(1);
});

test("the books tell the same as a generation's page", async ({ page, signIn }) => {
  await signIn("/usage/");
  await expect(page.getByRole("table", { name: "Usage by model" })).toContainText("sandbox/think");
  await page.getByRole("link", { name: "Generations" }).click();
  await page.getByRole("table", { name: "Generations, newest first" }).getByText("Sandbox think").first().click();
  await page.getByRole("link", { name: "Open generation" }).click();
  await expect(page.getByRole("table", { name: "Attempts in time" })).toContainText("won");
  await expect(page.getByText("How the cost was computed")).toBeVisible();
});

test("a key is shown once, works, and is revoked by name", async ({ page, request, signIn }) => {
  await signIn("/keys/");
  await expect(page.getByRole("row", { name: /^first/ })).toContainText("$0.0");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("e2e");
  await page.getByLabel("Budget, USD").fill("5");
  await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click();
  const key = (await page.locator("[data-secret]").textContent()) ?? "";
  const caller = () => request.get("/api/v1/caller", { headers: { authorization: `Bearer ${key}` } });
  expect((await caller()).ok()).toBe(true);
  await page.getByLabel("I have stored it").check();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.locator("body")).not.toContainText(key);

  await page.getByRole("button", { name: "Actions for e2e" }).click();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByLabel(/to revoke it/).fill("e2e");
  await page.getByRole("button", { name: "Revoke for good" }).click();
  await expect(page.getByRole("row", { name: /e2e/ })).toContainText("revoked");
  expect((await caller()).status()).toBe(401);
});

test("the sidebar is as wide as it was dragged, and folds", async ({ page, signIn }) => {
  await signIn("/usage/");
  const sidebar = page.getByRole("complementary", { name: "Sidebar" });
  const edge = page.getByRole("separator", { name: "Width of the sidebar" });
  const width = async () => (await sidebar.boundingBox())?.width;
  expect(await width()).toBe(264);
  await page.mouse.move(264, 400);
  await page.mouse.down();
  await page.mouse.move(320, 420, { steps: 3 });
  await page.mouse.up();
  await page.reload();
  await expect.poll(width).toBe(320);
  await edge.focus();
  for (let press = 0; press < 4; press += 1) {
    await page.keyboard.press("ArrowRight");
  }
  expect(await width(), "not wider than that").toBe(360);
  await edge.dblclick();
  expect(await width()).toBe(264);
  await page.keyboard.press("Control+b");
  expect(await width()).toBe(56);
});

test("the log leaves room for names at every width", async ({ page, signIn }) => {
  await signIn("/generations/");
  const name = page.getByRole("table", { name: "Generations, newest first" }).locator("tbody tr td:nth-child(2)").first();
  for (const width of [900, 1100, 1280, 1440, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    expect((await name.boundingBox())?.width, `at ${width}`).toBeGreaterThan(140);
    const cut = await page.locator("tbody td.text-right").evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length);
    expect(cut, `figures that are cut at ${width}`).toBe(0);
  }
});

test("a value of the log is filtered by with Alt and a click", async ({ page, signIn }) => {
  await signIn("/generations/");
  const table = page.getByRole("table", { name: "Generations, newest first" });
  await table.getByText("sandbox", { exact: true }).first().click({ modifiers: ["Alt"] });
  await expect(page).toHaveURL(/\?provider=sandbox$/);
  await table.getByText("Sandbox think").first().click({ modifiers: ["Alt"] });
  await expect(page).toHaveURL(/model=sandbox%2Fthink/);
  await expect(page.getByRole("textbox", { name: "Provider" })).toHaveValue("sandbox");
});

test("a page that is opened by a link begins at its title", async ({ page, signIn }) => {
  await signIn("/usage/");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Models" }).click();
  await expect(page.getByRole("heading", { name: "Models", level: 1 })).toBeFocused();
  await expect(page).toHaveTitle("Models · Generative Gateway");
});

test("on a phone filters stand behind a button that counts them", async ({ page, signIn }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn("/models/?cap=vision");
  const bar = page.getByRole("button", { name: "Filters · 1" });
  await expect(page.getByRole("button", { name: "Thinking", exact: true })).toBeHidden();
  await bar.click();
  await page.getByRole("button", { name: "Thinking", exact: true }).click();
  await expect(page.getByRole("button", { name: "Filters · 2" })).toHaveAttribute("aria-expanded", "true");
  await expect(page).toHaveURL(/cap=vision%2Cthinking/);
});
