// What is lost when the network is, or the gateway: nothing that was shown.
import { answer, prompt, rename, send } from "./chat";
import { expect, test } from "./fixtures";
import { startGateway } from "./gateway";

for (const path of ["/chat/", "/models/", "/usage/", "/generations/", "/keys/", "/settings/"]) {
  test(`without a network ${path} says so and stays`, async ({ page, context, signIn }) => {
    await signIn(path);
    await page.waitForLoadState("networkidle");
    const content = page.locator("main > :not([role=status])").last();
    const shown = (await content.textContent()) ?? "";
    expect(shown).not.toBe("");
    await context.setOffline(true);
    await expect(page.getByText("You are offline.")).toBeVisible();
    expect(await content.textContent()).toBe(shown);
    await context.setOffline(false);
    await expect(page.getByText("You are offline.")).toBeHidden();
  });
}

test("a gateway that comes back is asked again by every page", async ({ page }) => {
  test.setTimeout(90_000);
  const gateway = await startGateway();
  try {
    await page.goto(`${gateway.url}/chat/#key=${gateway.key}`);
    for (const path of ["/chat/", "/models/", "/usage/", "/generations/", "/keys/", "/settings/"]) {
      await page.goto(gateway.url + path);
      await page.waitForLoadState("networkidle");
      const content = page.locator("main > :not([role=status])").last();
      const shown = ((await content.textContent()) ?? "").replace(/\d+ (s|min) ago|just now/g, "");
      await gateway.restart();
      // What the page asks next is answered, without a word and without a reload.
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await page.waitForLoadState("networkidle");
      await expect(page.getByRole("alert").filter({ hasText: /\S/ }), path).toHaveCount(0);
      expect(((await content.textContent()) ?? "").replace(/\d+ (s|min) ago|just now/g, ""), path).toBe(shown);
    }
  } finally {
    await gateway.stop();
  }
});

test("a gateway that died in the middle of an answer is talked to again once it is back", async ({ page }) => {
  const gateway = await startGateway();
  try {
    await page.goto(`${gateway.url}/chat/?model=sandbox/slow#key=${gateway.key}`);
    await rename(page, "sandbox/slow:50:300");
    await send(page, "Will be cut");
    await expect(answer(page)).toContainText("You asked:");
    await gateway.restart();
    await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible({ timeout: 15_000 });
    await expect(page.getByRole("article", { name: "Prompt 1" })).toContainText("Will be cut");
    await page.unrouteAll();
    await send(page, "And again");
    await expect(answer(page, 2)).toContainText("And again", { timeout: 15_000 });
    await expect(answer(page), "what had come is still there").toContainText("You asked:");

    await prompt(page).hover();
    await prompt(page).getByRole("button", { name: "Edit the prompt" }).click();
    await page.getByRole("textbox", { name: "Edit the prompt" }).fill("Another beginning");
    await page.getByRole("textbox", { name: "Edit the prompt" }).press("Enter");
    await expect(answer(page)).toContainText("Another beginning", { timeout: 15_000 });
    await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible({ timeout: 15_000 });
    await expect(page.getByRole("article", { name: /^Answer/ }), "the other branch is not shown beside it").toHaveCount(1);
    await prompt(page).getByRole("button", { name: "Previous branch" }).click();
    await expect(prompt(page)).toContainText("Will be cut");
    await expect(answer(page), "nor lost by walking").toContainText("You asked:");
  } finally {
    await gateway.stop();
  }
});
