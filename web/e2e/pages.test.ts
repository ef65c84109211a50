import AxeBuilder from "@axe-core/playwright";

import { expect, test } from "./fixtures";

const PAGES = [
  ...["/chat/", "/compare/?models=sandbox/echo,sandbox/chat", "/models/", "/models/?view=chart", "/model/?id=sandbox/think"],
  ...["/usage/", "/generations/", "/keys/", "/keys/?tab=budgets", "/settings/", "/settings/?tab=configuration", "/settings/?tab=audit"],
];

test.beforeEach(async ({ request, gateway }) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  const data = { model: "sandbox/think", messages: [{ role: "user", content: [{ text: "Hello" }] }] };
  expect((await request.post("/api/v1/chat", { headers, data })).ok()).toBe(true);
});

for (const theme of ["light", "dark"] as const) {
  for (const width of [390, 1440]) {
    test(`every page is accessible, ${theme} at ${width}`, async ({ page, signIn }) => {
      test.setTimeout(90_000);
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 900 });
      await signIn();
      for (const path of PAGES) {
        await page.goto(path);
        await expect(page.locator("h1").first()).toBeAttached();
        await page.waitForLoadState("networkidle");
        const { violations } = await new AxeBuilder({ page }).analyze();
        const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        expect(grave.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html ?? ""}`)).toEqual([]);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        expect(sideways, `${path} scrolls sideways`).toBe(false);
      }
    });
  }
}

for (const theme of ["light", "dark"] as const) {
  test(`what opens over a page is accessible, ${theme}`, async ({ page, signIn }) => {
    await page.emulateMedia({ colorScheme: theme });
    const grave = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
    };
    await signIn("/usage/?start=2020-01-01&end=2020-02-01");
    await expect(page.getByText("No requests in this time")).toBeVisible();
    await page.getByRole("button", { name: /Jan/ }).click();
    await expect(page.getByRole("dialog", { name: "Custom range" })).toBeVisible();
    expect(await grave(), "a popover").toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search or jump to" }).fill("sandbox");
    expect(await grave(), "the palette").toEqual([]);
    await page.goto("/generation/?id=gen_00000000000000000000000000000000");
    await expect(page.getByRole("alert").first()).toBeVisible();
    expect(await grave(), "an error").toEqual([]);
    await page.goto("/keys/");
    await page.getByRole("button", { name: "Create key" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await grave(), "a dialog").toEqual([]);
  });
}

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

test("rows that come while the log is read wait behind a pill", async ({ page, request, gateway, signIn }) => {
  await signIn("/generations/");
  const table = page.getByRole("table", { name: "Generations, newest first" });
  await table.getByText("Sandbox think").first().hover();
  const headers = { authorization: `Bearer ${gateway.key}` };
  const data = { model: "sandbox/echo", messages: [{ role: "user", content: [{ text: "New" }] }] };
  const before = await table.getByText("Sandbox echo").count();
  expect((await request.post("/api/v1/chat", { headers, data })).ok()).toBe(true);
  await expect(page.getByRole("button", { name: "1 new" })).toBeVisible();
  expect(await table.getByText("Sandbox echo").count()).toBe(before);
  await page.getByRole("button", { name: "1 new" }).click();
  await expect(table.getByText("Sandbox echo")).toHaveCount(before + 1);
});

test("models are searched, filtered by address, and priced", async ({ page, signIn }) => {
  await signIn("/models/?cap=thinking");
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("row", { name: /Sandbox think/ }).click();
  await expect(page.getByRole("heading", { name: "Sandbox think" })).toBeVisible();
  await expect(page.getByText("a month", { exact: true }).last()).toBeVisible();
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
