// What is being written is kept, and where it is kept it is told.
import { answer, PNG, send } from "./chat";
import { expect, test } from "./fixtures";

const FILE = { name: "dot.png", mimeType: "image/png", buffer: Buffer.from(PNG, "base64") };

test("files stay with their chat, and come back to it", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/chat");
  await send(page, "With a file beside");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await page.locator('input[type="file"]').setInputFiles(FILE);
  const attached = page.getByRole("list", { name: "Attachments" });
  await expect(attached).toContainText("dot.png");
  await page.getByLabel("New chat", { exact: true }).click();
  await expect(page.getByText("What would you like to try?")).toBeVisible();
  await expect(attached).toHaveCount(0);
  const hello = page.getByRole("link", { name: /^With a file beside/ });
  await expect(hello.getByRole("img", { name: "Has a draft" })).toHaveCount(0);
  await hello.click();
  await expect(answer(page)).toBeVisible();
  await page.getByLabel("Message").fill("and some words");
  await expect(hello.getByRole("img", { name: "Has a draft" })).toBeVisible();
  await page.getByLabel("Message").fill("");
  await expect(attached).toContainText("dot.png");
  await attached.getByRole("button", { name: "Remove dot.png" }).click();
  await page.getByLabel("New chat", { exact: true }).click();
  await expect(page.getByText("What would you like to try?")).toBeVisible();
  await hello.click();
  await expect(answer(page)).toBeVisible();
  await expect(attached).toHaveCount(0);
});

test("a browser without room for files says so, once", async ({ page, signIn }) => {
  await page.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await signIn("/chat/?model=sandbox/chat");
  await expect(page.locator("[data-picker]")).toContainText("Sandbox");
  await page.locator('input[type="file"]').setInputFiles(FILE);
  const told = page.getByText("This browser has no room to keep the files over a reload");
  await expect(told).toBeVisible();
  await page.locator('input[type="file"]').setInputFiles({ ...FILE, name: "other.png" });
  await expect(page.getByRole("list", { name: "Attachments" })).toContainText("other.png");
  await expect(told).toHaveCount(1);
});

test("what another tab makes of a draft is offered, not taken", async ({ page, context, signIn }) => {
  await signIn("/chat/?model=sandbox/chat");
  await page.getByLabel("Message").fill("as it was");
  const other = await context.newPage();
  await other.goto("/chat/?model=sandbox/chat");
  await expect(other.getByLabel("Message"), "the key is shared between tabs").toHaveValue("as it was");
  await other.getByLabel("Message").fill("as it is there");
  await expect(page.getByText("Edited in another tab")).toBeVisible();
  await expect(page.getByLabel("Message")).toHaveValue("as it was");
  await page.getByRole("button", { name: "Take what it says there" }).click();
  await expect(page.getByLabel("Message")).toHaveValue("as it is there");
  await expect(page.getByText("Edited in another tab")).toBeHidden();
});

test("Enter can be a new line, and Ctrl with it what sends", async ({ page, signIn }) => {
  await signIn("/settings/?tab=browser");
  await page.getByRole("group", { name: "Send with" }).getByRole("button", { name: "Ctrl Enter" }).click();
  await page.goto("/chat/?model=sandbox/echo");
  await expect(page.locator("[data-picker]")).toContainText("Sandbox echo");
  const message = page.getByLabel("Message");
  await message.pressSequentially("one");
  await message.press("Enter");
  await message.pressSequentially("two");
  await expect(message).toHaveValue("one\ntwo");
  await message.press("Control+Enter");
  await expect(answer(page)).toContainText("one");
});

test("a long text that is pasted can go along as a file", async ({ page, context, signIn }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn("/chat/?model=sandbox/chat");
  await expect(page.locator("[data-picker]")).toContainText("Sandbox");
  await page.getByLabel("Message").fill("Read this: ");
  await page.evaluate(() => navigator.clipboard.writeText("A long line of a log.\n".repeat(500)));
  await page.getByLabel("Message").press("Control+v");
  await expect(page.getByText("11,000 characters were pasted")).toBeVisible();
  await page.getByRole("button", { name: "Attach them as a file" }).click();
  await expect(page.getByLabel("Message")).toHaveValue("Read this:");
  await expect(page.getByRole("list", { name: "Attachments" })).toContainText("pasted.txt");
});

test("what could not be sent comes back to its own chat, whichever is looked at then", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "A chat of its own");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await page.getByLabel("New chat", { exact: true }).click();
  let refuse = () => undefined as unknown;
  await page.route("**/api/v1/chat", (route) => (refuse = () => route.abort()));
  await send(page, "Refused later");
  await expect(page.getByRole("article", { name: "Prompt 1" })).toContainText("Refused later");
  const session = new URL(page.url()).searchParams.get("session") ?? "";
  // It is in the list, which moves no more.
  await expect(page.getByRole("region", { name: "Chats by day" }).locator(`a[href*="${session}"]`)).toBeVisible();
  await page.getByRole("link", { name: /^A chat of its own/ }).click();
  await expect(answer(page)).toContainText("A chat of its own");
  refuse();
  await expect.poll(() => page.evaluate((id) => localStorage.getItem(`draft:${id}`), session)).toBe("Refused later");
  await expect(page.getByLabel("Message")).toHaveValue("");
  await page.goto(`/chat/?session=${session}`);
  await expect(page.getByLabel("Message")).toHaveValue("Refused later");
  await page.goto("/chat/?model=sandbox/echo");
  await expect(page.getByLabel("Message")).toHaveValue("");
});
