// Where a secret may be: the key in its tab's session storage and in headers, a provider's key nowhere.
import { expect, test as base } from "./fixtures";
import { startGateway } from "./gateway";

const PROVIDER_KEY = "sk-or-v1-0123456789abcdef0123456789abcdef";
const PAGES = ["/chat/", "/compare/", "/models/", "/usage/", "/generations/", "/keys/", "/settings/", "/settings/?tab=configuration", "/settings/?tab=audit"];

const test = base.extend({
  gateway: [
    async ({}, give) => {
      // Nothing answers there: no request leaves this machine.
      const address = { GATEWAY__PROVIDERS__OPENROUTER__BASE_URL: "http://127.0.0.1:9/api/v1" };
      const gateway = await startGateway({ ...address, GATEWAY__PROVIDERS__OPENROUTER__API_KEY: PROVIDER_KEY });
      await give(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
});

test("no page shows, stores or sends a secret where it could be found", async ({ page, context, gateway, signIn }) => {
  test.setTimeout(60_000);
  const bodies: Promise<string>[] = [];
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url() + (request.headers()["referer"] ?? "")));
  page.on("response", (response) => bodies.push(response.text().catch(() => "")));
  await signIn();
  for (const path of PAGES) {
    await page.goto(path);
    await expect(page.locator("h1").first()).toBeAttached();
    await page.waitForLoadState("networkidle");
    const html = await page.content();
    expect(html, path).not.toContain(gateway.key);
    expect(html, path).not.toContain(PROVIDER_KEY);
    const kept = await page.evaluate(async () => {
      const stored = Object.keys(localStorage).map((name) => localStorage.getItem(name));
      return JSON.stringify([stored, localStorage.getItem("key"), document.cookie, location.href, history.state, await indexedDB.databases()]);
    });
    expect(kept, path).not.toContain(gateway.key);
  }
  expect(await page.evaluate(() => [sessionStorage.length, sessionStorage.getItem("key")])).toEqual([1, gateway.key]);
  expect(await context.cookies()).toEqual([]);
  expect(addresses.filter((address) => address.includes(gateway.key))).toEqual([]);
  const answers = (await Promise.all(bodies)).join("\n");
  expect(answers).toContain("OPENROUTER");
  expect(answers).not.toContain(gateway.key);
  expect(answers).not.toContain(PROVIDER_KEY.slice(8));
});

test("a new key is shown once, and is nowhere afterwards", async ({ page, signIn }) => {
  await signIn("/keys/");
  await page.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("seen once");
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog).toContainText("Your new key");
  const key = /ggw_\w+_\w+/.exec((await dialog.innerHTML()).replaceAll(/<[^>]*>/g, " "))?.[0] ?? (await dialog.locator("input").first().inputValue());
  expect(key).toMatch(/^ggw_/);
  await page.keyboard.press("Escape");
  await expect(dialog, "it is not lost by a slip").toBeVisible();
  await dialog.getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("table", { name: "Keys" })).toContainText("seen once");
  expect(await page.content()).not.toContain(key);
  expect(await page.evaluate(() => Object.values(localStorage).join() + sessionStorage.getItem("key"))).not.toContain(key);
});
