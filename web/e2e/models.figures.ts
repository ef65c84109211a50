// A catalogue of 1,000 models: filtering, scrolling, and opening the picker.
import { startCatalogue } from "./catalogue";
import { expect, test as base } from "./fixtures";
import { frames, percentile, row, watch } from "./frames";
import { startGateway } from "./gateway";
import { report } from "./report";

const MODELS = 1000;

const test = base.extend<object, { catalogue: Awaited<ReturnType<typeof startCatalogue>> }>({
  catalogue: [
    async ({}, give) => {
      const catalogue = await startCatalogue(MODELS);
      await give(catalogue);
      catalogue.stop();
    },
    { scope: "worker" },
  ],
  gateway: [
    async ({ catalogue }, give) => {
      const gateway = await startGateway(catalogue.variables);
      await give(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
});

test("a thousand models", async ({ page, request, gateway, signIn }) => {
  const refreshed = await request.post("/api/v1/models/refresh", { headers: { authorization: `Bearer ${gateway.key}` } });
  expect(refreshed.ok()).toBe(true);
  await signIn("/models/");
  await expect(page.getByRole("status").filter({ hasText: /^\d+ of \d{4}$/ })).toBeVisible();

  const filtering = await page.getByLabel("Search models").evaluate(async (field: HTMLInputElement) => {
    const took: number[] = [];
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
    for (const text of ["m", "mo", "mod", "mode", "model", "model-9", "model-99", "model-9", "model", "mo", ""]) {
      const began = performance.now();
      set?.call(field, text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((resolve) => {
        const drawn = new MessageChannel();
        drawn.port1.onmessage = resolve;
        requestAnimationFrame(() => drawn.port2.postMessage(null));
      });
      took.push(performance.now() - began);
    }
    return took;
  });

  await page.getByRole("region", { name: "Models" }).hover();
  await watch(page);
  for (let step = 0; step < 200; step += 1) {
    await page.mouse.wheel(0, step < 100 ? 300 : -300);
    await page.waitForTimeout(16);
  }
  const scrolled = await frames(page);

  await page.goto("/chat/");
  await expect(page.locator("[data-picker]")).toContainText("$");
  const opening = await page.locator("[data-picker]").evaluate(async (button: HTMLElement) => {
    const began = performance.now();
    button.click();
    await new Promise((resolve) => {
      const drawn = new MessageChannel();
      drawn.port1.onmessage = resolve;
      requestAnimationFrame(() => drawn.port2.postMessage(null));
    });
    return performance.now() - began;
  });
  await expect(page.getByRole("option").first()).toBeVisible();

  report(`A catalogue of ${MODELS} models`, [row("scrolling the table", scrolled)]);
  report("Beside", [
    { what: "key to its filtered rows drawn, p50 ms", value: percentile(filtering, 0.5) },
    { what: "the same, p95 ms", value: percentile(filtering, 0.95) },
    { what: "press to the open picker drawn, ms", value: Math.round(opening) },
  ]);
});
