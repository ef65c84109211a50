// A picture of every page in both themes: in full at a phone's and a desk's width, and whether it fits at others.
import { join } from "node:path";

import { expect, test } from "./fixtures";
import { FOLDER } from "./report";
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
