// Pages as people use them who see, point or move otherwise: axe on all of them and on what opens over them, zoom,
// forced colours, fingers, and no motion where none is wanted.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { answer, rename, send } from "./chat";
import { expect, test } from "./fixtures";

const PAGES = [
  ...["/chat/", "/compare/?models=sandbox/echo,sandbox/chat", "/models/", "/models/?view=chart", "/model/?id=sandbox/think"],
  ...["/usage/", "/generations/", "/keys/", "/keys/?tab=budgets", "/settings/", "/settings/?tab=configuration", "/settings/?tab=audit", "/gallery/"],
];
const LOOKS = (["light", "dark"] as const).flatMap((theme) => [390, 1440].map((width) => ({ theme, width })));

test.beforeEach(async ({ request, gateway }) => {
  const headers = { authorization: `Bearer ${gateway.key}` };
  const data = { model: "sandbox/think", messages: [{ role: "user", content: [{ text: "Hello" }] }] };
  expect((await request.post("/api/v1/chat", { headers, data })).ok()).toBe(true);
});

/** What axe finds that matters, with the first place of each. */
async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.filter(({ impact }) => impact !== "minor").map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.locator("h1").first()).toBeAttached();
  await page.waitForLoadState("networkidle");
}

const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

for (const { theme, width } of LOOKS) {
  test.describe(`${theme} at ${width}`, () => {
    test.beforeEach(async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 900 });
    });

    test("every page is accessible", async ({ page, signIn }) => {
      test.setTimeout(90_000);
      await signIn();
      for (const path of PAGES) {
        await open(page, path);
        expect(await faults(page), path).toEqual([]);
        expect(await sideways(page), `${path} scrolls sideways`).toBeLessThanOrEqual(0);
      }
    });

    test("what opens over a page is accessible", async ({ page, signIn }) => {
      await signIn("/usage/?start=2020-01-01&end=2020-02-01");
      await expect(page.getByText("No requests in this time")).toBeVisible();
      await page.getByRole("button", { name: /Jan/ }).click();
      await expect(page.getByRole("dialog", { name: "Custom range" })).toBeVisible();
      expect(await faults(page), "a popover").toEqual([]);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: "Search or jump to" }).fill("sandbox");
      expect(await faults(page), "the palette").toEqual([]);
      await page.goto("/models/");
      await page.getByRole("button", { name: "Choose columns" }).click();
      expect(await faults(page), "the columns").toEqual([]);
      await page.goto("/generation/?id=gen_00000000000000000000000000000000");
      await expect(page.getByRole("alert").first()).toBeVisible();
      expect(await faults(page), "an error").toEqual([]);
      await page.goto("/keys/");
      await page.getByRole("button", { name: "Create key" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await faults(page), "a dialog").toEqual([]);
    });

    test("an answer that is being written is accessible", async ({ page, signIn }) => {
      await signIn("/chat/?model=sandbox/slow");
      await rename(page, "sandbox/slow:50:400");
      await send(page, "Take your time");
      await expect(answer(page)).toContainText("You asked:");
      await page.keyboard.press("Control+Shift+f");
      await page.getByRole("searchbox", { name: "Search this chat" }).fill("time");
      expect(await faults(page)).toEqual([]);
      await page.getByRole("button", { name: "Stop" }).click();
    });
  });
}

test("at four times the size nothing has to be scrolled both ways", async ({ page, signIn }) => {
  // 1280 wide at 400 %: WCAG 2.2, 1.4.10.
  await page.setViewportSize({ width: 320, height: 256 });
  await signIn();
  for (const path of PAGES) {
    await open(page, path);
    expect.soft(await sideways(page), path).toBeLessThanOrEqual(0);
  }
});

test("nothing moves for who wants no motion", async ({ page, signIn }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signIn("/chat/?model=sandbox/slow");
  await rename(page, "sandbox/slow:50:400");
  await send(page, "Keep still");
  await expect(answer(page)).toContainText("You asked:");
  const moving = await page.evaluate(() => document.getAnimations().filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 0).length);
  expect(moving).toBe(0);
  await page.getByRole("button", { name: "Stop" }).click();
});

test("focus can be seen in forced colours", async ({ page, signIn }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await signIn("/models/");
  for (let stop = 0; stop < 20; stop += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement } = document;
      const { outlineStyle, outlineWidth } = getComputedStyle(activeElement ?? document.body);
      return { name: activeElement?.outerHTML.slice(0, 120), outlineStyle, outlineWidth };
    });
    expect(focused).toMatchObject({ outlineStyle: "solid", outlineWidth: "2px" });
  }
});

test.describe("with a finger", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test("everything is large enough to be hit", async ({ page, signIn }) => {
    await signIn();
    for (const path of PAGES) {
      await open(page, path);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll("button, a[href], select, input")].flatMap((element) => {
          const { width, height } = (element.closest("label") ?? element).getBoundingClientRect();
          // Links within a text are as high as its lines; others are for readers until they have the focus.
          const excepted = getComputedStyle(element).display === "inline" || width <= 1;
          return excepted || (width >= 44 && height >= 44) ? [] : [`${element.outerHTML.slice(0, 160)} is ${width} by ${height}`];
        }),
      );
      expect.soft(small, path).toEqual([]);
    }
  });
});
