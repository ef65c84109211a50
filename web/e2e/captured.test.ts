// What a generation was asked and answered, on its page: where that was captured, and the line where it was not.
import { answer, prompt, send } from "./chat";
import { expect, test as base } from "./fixtures";
import { startGateway } from "./gateway";

const capturing = base.extend({
  gateway: [
    async ({}, give) => {
      const gateway = await startGateway({ GATEWAY__PRIVACY__CAPTURE: "true" });
      await give(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
});

for (const [test, kept] of [
  [base, false],
  [capturing, true],
] as const) {
  test(`a generation's page ${kept ? "shows what was captured" : "says that nothing was captured"}`, async ({ page, signIn }) => {
    await signIn("/chat/?model=sandbox/echo");
    await send(page, "a word to be found again");
    await answer(page).getByRole("button", { name: /out/ }).click();
    await page.getByRole("link", { name: "Open generation" }).click();
    await expect(page.getByRole("heading", { name: "Content" })).toBeVisible();
    if (kept) {
      await expect(prompt(page)).toContainText("a word to be found again");
      await expect(page.getByRole("article", { name: "Answer 1" })).toContainText("a word to be found again");
      await expect(page.getByText("Kept until")).toBeVisible();
    } else {
      await expect(page.getByText("Content was not captured. Turn on privacy.capture to keep it from now on.")).toBeVisible();
    }
  });
}
