// A long catalogue: finding a model in it, and what the table does with it.
import { startCatalogue } from "./catalogue";
import { PNG, send } from "./chat";
import { expect, test as base } from "./fixtures";
import { startGateway } from "./gateway";

const MOST_ROWS = 60;

const test = base.extend({
  gateway: [
    async ({}, give) => {
      const catalogue = await startCatalogue(1000);
      const gateway = await startGateway(catalogue.variables);
      const headers = { authorization: `Bearer ${gateway.key}` };
      await fetch(`${gateway.url}/api/v1/models/refresh`, { method: "POST", headers });
      await give(gateway);
      await gateway.stop();
      catalogue.stop();
    },
    { scope: "worker" },
  ],
});

test("a model is found by a few of its letters, without a mouse", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "So that this model is a recent one");
  await expect(page).toHaveURL(/session=/);
  await page.keyboard.press("Control+/");
  const search = page.getByRole("combobox", { name: "Search models" });
  const options = page.getByRole("listbox", { name: "Models" }).getByRole("option");
  await expect(search).toBeFocused();
  await expect(page.getByRole("listbox", { name: "Models" })).toContainText("Recent");
  await expect(options.first()).toContainText("Sandbox echo");
  expect(await options.count()).toBeLessThanOrEqual(MOST_ROWS);

  for (const [letters, name] of [["clsn", "Claude Sonnet 4.5"], ["gpt5", "GPT-5"], ["g25p", "Gemini 2.5 Pro"], ["claud sonet", "Claude Sonnet 4.5"]] as const) {
    await search.fill(letters);
    await expect(options.first(), letters).toContainText(name);
    await expect(options.first()).toHaveAttribute("aria-selected", "true");
  }
  await search.fill("model 9");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
  const chosen = (await options.nth(1).innerText()).split("\n")[1] ?? "";
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-picker]")).toContainText(chosen);
  await expect(search).toBeHidden();
});

test("models that cannot take a file sink, and say why", async ({ page, signIn }) => {
  await signIn("/chat/?model=mistralai/mistral-small");
  await expect(page.locator("[data-picker]")).toContainText("Mistral Small");
  await page.locator('input[type="file"]').setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") });
  const attached = page.getByRole("list", { name: "Attachments" });
  await expect(attached).toContainText("takes no images");
  await page.getByLabel("Message").fill("What is on it?");
  await expect(page.getByRole("button", { name: /^Send/ })).toBeDisabled();
  await attached.getByRole("button", { name: "Choose a model that does" }).click();

  const options = page.getByRole("listbox", { name: "Models" }).getByRole("option");
  await page.getByRole("combobox", { name: "Search models" }).fill("m");
  await expect(options.last()).toContainText("takes no images");
  await page.getByRole("button", { name: "Vision", exact: true }).click();
  await expect(options.filter({ hasText: "takes no" })).toHaveCount(0);
  await page.getByRole("combobox", { name: "Search models" }).fill("clsn");
  await page.keyboard.press("Enter");
  await expect(attached).not.toContainText("takes no");
  await expect(page.getByRole("button", { name: /^Send/ })).toBeEnabled();
});

test("a model that makes the next message much dearer is said to", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "What costs nothing");
  await expect(page).toHaveURL(/session=/);
  await page.getByLabel("Message").fill("And now?");
  const note = page.locator("#composer-note");
  await expect(note).toContainText("up to $");
  await expect(note).not.toContainText("as dear as");
  await page.keyboard.press("Control+/");
  await page.getByRole("combobox", { name: "Search models" }).fill("clsn");
  await page.keyboard.press("Enter");
  await expect(note).toContainText(/\d+× as dear as Sandbox echo/);
});

test("other columns are chosen, sorted by and kept in the address", async ({ page, signIn }) => {
  await signIn("/models/");
  const heads = page.getByRole("columnheader");
  await expect(heads.filter({ hasText: "Abilities" })).toBeVisible();
  await page.getByRole("button", { name: "Choose columns" }).click();
  const box = (name: string) => page.getByRole("checkbox", { name, exact: true });
  await box("Abilities").click();
  await expect(box("Abilities")).not.toBeChecked();
  await box("Most output").click();
  await expect(box("Most output")).toBeChecked();
  await page.keyboard.press("Escape");
  await expect(heads.filter({ hasText: "Abilities" })).toHaveCount(0);
  await heads.getByRole("button", { name: "Most output" }).click();
  await expect(page).toHaveURL(/cols=context%2Ccache%2Cproviders%2Cmax_output/);
  await expect(page).toHaveURL(/sort=-max_output/);
  await expect(page.locator("tbody tr[aria-rowindex]").first()).toContainText("8k");
  await page.setViewportSize({ width: 700, height: 800 });
  const region = page.getByRole("region", { name: "Models" });
  expect(await region.evaluate((box) => box.scrollWidth > box.clientWidth), "it is scrolled, not squeezed").toBe(true);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

test("of a thousand models only those in view are drawn, and the columns keep their places", async ({ page, signIn }) => {
  await signIn("/models/");
  const status = page.getByRole("main").getByRole("status").filter({ hasText: / of / });
  await expect(status).toHaveText(/^1\d\d\d of 1\d\d\d$/);
  const rows = page.getByRole("table", { name: "Models" }).locator("tbody tr[aria-rowindex]");
  const places = () => page.locator("thead th").evaluateAll((heads) => heads.map((head) => head.getBoundingClientRect().x));
  const before = await places();
  await page.getByRole("region", { name: "Models" }).evaluate((box) => (box.scrollTop = box.scrollHeight / 2));
  await expect(rows.first()).toHaveAttribute("aria-rowindex", /^\d{3}$/);
  expect(await places()).toEqual(before);
  expect(await rows.count()).toBeLessThan(60);

  for (const width of [700, 900, 1100, 1280, 1440, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    const name = await rows.first().locator("td").nth(1).boundingBox();
    expect(name?.width, `the names at ${width}`).toBeGreaterThan(160);
  }
  await page.getByLabel("Search models").fill("claude");
  await expect(status).toHaveText(/^1 of /);
  await expect(page.getByRole("button", { name: "Thinking 1" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Audio 0" })).toBeVisible();
  await rows.first().focus();
  await page.keyboard.press("x");
  await expect(page.getByRole("checkbox", { name: "Choose Claude Sonnet 4.5" })).toBeChecked();
  await expect(page).toHaveURL(/q=claude/);
  await page.getByLabel("Search models").fill("no such model");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(status).toHaveText(/^1\d\d\d of/);
});
