// What an answer may hold, and what it may not do.
import { answer, PNG, prompt, send } from "./chat";
import { expect, test } from "./fixtures";
import type { ModelPage } from "@/lib/contract";

test("sources are numbered where the text rests on them, and listed once", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/cite");
  await send(page, "hedged requests");
  const mark = answer(page).getByRole("button", { name: "Source 2: The second source" });
  await expect(mark).toBeVisible();
  await expect(answer(page).getByRole("list", { name: "Sources" }).getByRole("link")).toHaveText([/^1 · The first/, /^2 · The second/]);
  const line = await answer(page).locator(".text-body p").innerText();
  expect(line.replaceAll("\n", "")).toMatch(/The first source speaks of hedged requests\.\s*1\s+example\.com\/first The second source .*\.\s*2\s/);
  await mark.click();
  await expect(page.getByRole("dialog", { name: "Source 2" })).toContainText("The second source speaks of hedged requests.");
});

test("calls of tools wait for their results, which stand in their cards", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/tools");
  await page.getByRole("button", { name: "Settings of this chat" }).click();
  await page.getByLabel("Tools").fill('[{"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}, {"name": "get_time"}]');
  await page.getByLabel("Tools").blur();
  await send(page, "Weather and time in Oslo");
  const form = answer(page).getByRole("form", { name: "Results of tools" });
  await form.getByLabel("Result of get_weather").fill('{"sky": "clear"}');
  await form.getByLabel("Result of get_time").fill("no clock here");
  await form.getByLabel("The tool failed").last().check();
  await form.getByRole("button", { name: "Send results" }).click();

  await expect(answer(page, 2)).toContainText("no clock here");
  await expect(answer(page, 2).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await expect(prompt(page, 2)).toHaveCount(0);
  for (const again of [false, true]) {
    if (again) {
      await page.reload();
    }
    await expect(answer(page).getByRole("form")).toHaveCount(0);
    const weather = answer(page).getByRole("region", { name: "Call of get_weather" });
    await weather.getByRole("button").click();
    await expect(weather).toContainText("Done");
    await expect(weather).toContainText('"sky": "clear"');
    // A failure opens by itself.
    await expect(answer(page).getByRole("region", { name: "Call of get_time" })).toContainText("no clock here");
  }
});

test("an edit is a sibling, the first prompt's too, and nothing is lost by it", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "first");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await send(page, "second");
  await expect(answer(page, 2)).toContainText("second");
  await expect(answer(page, 2).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await prompt(page, 2).getByRole("button", { name: "Edit the prompt" }).click();
  await page.getByRole("textbox", { name: "Edit the prompt" }).fill("second, said better");
  await page.getByRole("textbox", { name: "Edit the prompt" }).press("Enter");
  await expect(answer(page, 2)).toContainText("second, said better");
  await expect(prompt(page, 2).getByRole("group", { name: "Prompt 2 of 2" })).toBeVisible();
  await expect(answer(page)).toContainText("first");

  await prompt(page, 2).getByRole("button", { name: "Previous branch" }).click();
  await expect(answer(page, 2)).toHaveText(/second(?!, said better)/);
  await expect(page).toHaveURL(/leaf=msg_/);
  await page.reload();
  await expect(prompt(page, 2)).toContainText("second");
  await expect(prompt(page, 2)).not.toContainText("said better");
  await expect(prompt(page, 2).getByRole("group", { name: "Prompt 1 of 2" })).toBeVisible();

  const session = new URL(page.url()).searchParams.get("session");
  await prompt(page).getByRole("button", { name: "Edit the prompt" }).click();
  await page.getByRole("textbox", { name: "Edit the prompt" }).fill("another beginning");
  await page.getByRole("textbox", { name: "Edit the prompt" }).press("Enter");
  await expect(answer(page)).toContainText("another beginning");
  await expect(prompt(page, 2)).toHaveCount(0);
  await expect(prompt(page).getByRole("group", { name: "Prompt 2 of 2" })).toBeVisible();
  expect(new URL(page.url()).searchParams.get("session")).toBe(session);
  await prompt(page).getByRole("button", { name: "Previous branch" }).click();
  await expect(prompt(page, 2)).toContainText("second");
});

test("attachments are refused with a reason before they are sent", async ({ page, signIn }) => {
  // The sandbox takes everything; this one takes small pictures alone.
  await page.route("**/api/v1/models*", async (route) => {
    const answered = await route.fetch();
    const listed = (await answered.json()) as ModelPage;
    const models = listed.models?.map((model) =>
      model.id === "sandbox/chat"
        ? { ...model, input_modalities: ["text", "image"], modality_limits: [{ modality: "image", media_types: ["image/png"], max_bytes: "1000" }] }
        : model,
    );
    await route.fulfill({ response: answered, json: { ...listed, models } });
  });
  await signIn("/chat/?model=sandbox/chat");
  await expect(page.locator("[data-picker]")).toContainText("chat");
  const files = page.locator('input[type="file"]');
  const chips = page.getByRole("list", { name: "Attachments" });
  const button = page.getByRole("button", { name: "Send (Enter)" });
  const dot = Buffer.from(PNG, "base64");
  await page.getByLabel("Message").fill("look");
  for (const [name, mimeType, buffer, reason] of [
    ["report.pdf", "application/pdf", Buffer.from("%PDF"), "takes no documents"],
    ["photo.jpeg", "image/jpeg", dot, "takes png"],
    ["large.png", "image/png", Buffer.alloc(1001), "Larger than 1 kB"],
  ] as const) {
    await files.setInputFiles({ name, mimeType, buffer });
    await expect(chips).toContainText(reason);
    await expect(button).toBeDisabled();
    await chips.getByRole("button", { name: `Remove ${name}` }).click();
  }
  await files.setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: dot });
  await expect(button).toBeEnabled();
  await page.getByLabel("Message").press("Enter");
  await expect(prompt(page).getByRole("img", { name: "Attached" })).toBeVisible();
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
});

const HOSTILE = [
  '<img src=x onerror="document.title=1"> <svg onload="document.title=1"> <script>document.title=1</script>',
  "<iframe src=https://evil.example/f></iframe> <style>body{display:none}</style>",
  "[script](javascript:document.title=1) [data](data:text/html,<script>document.title=1</script>)",
  "[wide](//evil.example/w) [hidden](https://good.example\u202e/elpmaxe.live) <javascript:alert(1)>",
  "![picture](https://evil.example/p.png) ![two](http://evil.example/q.png) ![three](data:image/svg+xml,<svg/>)",
  "[https://bank.example](https://evil.example/login)",
  "[ref]: javascript:document.title=1\n\n[ref]",
  "$\\href{javascript:document.title=1}{x}$ $\\includegraphics{https://evil.example/t.png}$",
  "```html\n<script>document.title=1</script>\n```",
].join("\n\n");

test("hostile Markdown neither runs nor loads anything", async ({ page, gateway, signIn }) => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(gateway.url)) {
      foreign.push(request.url());
    }
  });
  await signIn("/chat/?model=sandbox/echo");
  await send(page, HOSTILE);
  await expect(answer(page).getByText("Image from evil.example").first()).toBeVisible();
  await expect(answer(page).locator(".katex, code").first()).toBeVisible();
  await expect(answer(page).locator("img, script, iframe, style, object, [onerror], [onload]")).toHaveCount(0);
  const links = await answer(page).getByRole("link").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
  expect(links.filter((href) => !/^https?:\/\/(evil|bank)\.example\//.test(href) && !href.startsWith(gateway.url))).toEqual([]);
  // A link that looks like another host tells its own.
  await expect(answer(page).getByText("(evil.example)")).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(await page.title()).not.toBe("1");
  expect(foreign).toEqual([]);
});

test("a remote picture is loaded by a click, in a frame that tells nothing", async ({ page, context, signIn }) => {
  const asked: Record<string, string>[] = [];
  await context.route("https://pictures.example/**", async (route) => {
    asked.push(await route.request().allHeaders());
    await route.fulfill({ contentType: "image/png", body: Buffer.from(PNG, "base64") });
  });
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "![A dot](https://pictures.example/dot.png?who=me)");
  const box = answer(page).locator("span", { hasText: "Image from pictures.example" }).first();
  await expect(box).toContainText("https://pictures.example/dot.png?who=me");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  expect(asked).toEqual([]);
  await answer(page).getByRole("button", { name: "Load" }).click();
  const frame = page.frameLocator('iframe[title="A dot"]');
  await expect(frame.locator("img")).toBeVisible();
  expect(asked).toHaveLength(1);
  expect(asked[0]).not.toHaveProperty("referer");
  expect(asked[0]).not.toHaveProperty("cookie");
  await expect(page.locator('iframe[title="A dot"]')).toHaveCSS("max-width", "1px");
});

test("a picture opens at its full size, and is saved", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/image");
  await send(page, "A lighthouse at night");
  await answer(page).getByRole("button", { name: "Generated picture" }).click();
  const dialog = page.getByRole("dialog", { name: "Generated picture" });
  await expect(dialog.getByRole("img")).toBeVisible();
  const download = page.waitForEvent("download");
  await dialog.getByRole("link", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toMatch(/^picture\.\w+$/);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});
