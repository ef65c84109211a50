// What every test stands on: a gateway for all tests of a worker, a signed-in page, and no error in its console.
import { expect, test as base, type Page } from "@playwright/test";

import { startGateway, type Gateway } from "./gateway";

export const test = base.extend<{ page: Page; signIn: (path?: string) => Promise<void> }, { gateway: Gateway }>({
  gateway: [
    async ({}, give) => {
      const gateway = await startGateway();
      await give(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ gateway }, give) => give(gateway.url),
  page: async ({ page }, give) => {
    const problems: string[] = [];
    page.on("console", (message) => {
      // Refusals that a test asks for are logged by the browser as failed loads.
      if (["error", "warning"].includes(message.type()) && !message.text().startsWith("Failed to load resource")) {
        problems.push(message.text());
      }
    });
    page.on("pageerror", (error) => problems.push(error.message));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        console.error(`policy: ${violatedDirective} refused ${blockedURI}`);
      });
    });
    await give(page);
    expect(problems, "errors in the console").toEqual([]);
  },
  signIn: async ({ page, gateway }, give) => {
    await give(async (path = "/chat/") => {
      await page.goto(`${path}#key=${gateway.key}`);
      await expect(page.getByRole("navigation", { name: "Pages" }).or(page.getByRole("button", { name: "Menu" }))).toBeVisible();
    });
  },
});

export { expect };
