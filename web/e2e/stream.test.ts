// An answer on its way: nothing is lost, nothing moves, and stopping tells what it came to.
import { answer, rename, send } from "./chat";
import { expect, test } from "./fixtures";
import { startProxy } from "./proxy";
import type { Message } from "@/lib/contract";

test("an answer whose connection is cut ten times is shown once, whole", async ({ page, gateway, request }) => {
  const proxy = await startProxy(gateway.url);
  try {
    await page.goto(`${proxy.url}/chat/?model=sandbox/slow#key=${gateway.key}`);
    await rename(page, "sandbox/slow:50:70");
    await send(page, "Go on whatever happens");
    await expect(answer(page)).toContainText("You asked");
    const shown = page.evaluate(async () => {
      const texts: string[] = [];
      const article = () => document.querySelector<HTMLElement>('[aria-label^="Answer 1,"]');
      while (article()?.ariaBusy === "true") {
        texts.push(article()?.querySelector<HTMLElement>(".text-body")?.innerText.trim() ?? "");
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return texts;
    });
    let cuts = 0;
    while (cuts < 10 && (await answer(page).getAttribute("aria-busy")) === "true") {
      cuts += proxy.cut();
      await page.waitForTimeout(20);
    }
    expect(cuts).toBe(10);
    await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole("article", { name: /^Answer/ })).toHaveCount(1);

    const whole = await answer(page).locator(".text-body").innerText();
    const taken = (await shown).filter((text) => !whole.replace(/\s/g, "").startsWith(text.replace(/[\s*`]/g, "")));
    expect(taken, "what was shown and then taken back").toEqual([]);
    const headers = { authorization: `Bearer ${gateway.key}` };
    const session = new URL(page.url()).searchParams.get("session") ?? "";
    const stored = await request.get(`/api/v1/sessions/${session}/messages?order_by=oldest`, { headers });
    const { messages } = (await stored.json()) as { messages: { message: Message }[] };
    const data = { model: "sandbox/slow:0:0", messages: [{ role: "user", content: "Go on whatever happens" }] };
    const { message } = (await (await request.post("/api/v1/chat", { headers, data })).json()) as { message: Message };
    expect(messages.map((one) => one.message.content)).toEqual([[{ text: "Go on whatever happens" }], message.content]);
  } finally {
    proxy.stop();
  }
});

test("stopping tells the usage that the books have", async ({ page, gateway, request, signIn }) => {
  await signIn("/chat/?model=sandbox/slow");
  await rename(page, "sandbox/slow:50:200");
  await send(page, "Take your time with this answer please");
  await expect(answer(page).getByText(/out so far/)).toBeVisible();
  await page.getByLabel("Message").press("Escape");
  await expect(answer(page).getByText("Stopped")).toBeVisible({ timeout: 2_000 });
  await answer(page).getByRole("button", { name: /Stopped/ }).click();
  const link = page.getByRole("link", { name: "Open generation" });
  const id = new URL((await link.getAttribute("href")) ?? "", gateway.url).searchParams.get("id") ?? "";
  const read = await request.get(`/api/v1/generations/${id}`, { headers: { authorization: `Bearer ${gateway.key}` } });
  const { generation } = (await read.json()) as { generation: { state: string; usage: { total_output_tokens: number } } };
  expect(generation.state).toBe("cancelled");
  await expect(answer(page).getByRole("button", { name: /Stopped/ })).toContainText(`${generation.usage.total_output_tokens} out`);

  await page.unroute("**/api/v1/chat");
  await answer(page).getByRole("button", { name: "Continue the answer" }).click();
  await expect(answer(page, 2).getByRole("button", { name: "Regenerate" })).toBeVisible();
  await expect(answer(page)).toBeVisible();
});

test("a reader who scrolls up is left where they are, and comes back by the pill", async ({ page, signIn }) => {
  await page.setViewportSize({ width: 1200, height: 420 });
  await signIn("/chat/?model=sandbox/slow");
  await rename(page, "sandbox/slow:20:25");
  await send(page, "Compare models in a table, with code and math, and take long over it");
  await expect(answer(page).getByRole("table").first()).toBeVisible();
  const log = page.getByRole("log", { name: "Conversation" });
  await log.hover();
  await page.mouse.wheel(0, -120);
  await expect(page.getByRole("button", { name: "Jump to latest" })).toBeVisible();
  const drift = await page.evaluate(async () => {
    const box = document.querySelector('[role="log"]') as HTMLElement;
    // Looked up each time: a prompt that was stored meanwhile is another element in the same place.
    const top = () => box.querySelector('[aria-label="Prompt 1"]')?.getBoundingClientRect().top ?? NaN;
    // The wheel's own movement comes to rest.
    for (let before = NaN; before !== box.scrollTop; ) {
      before = box.scrollTop;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const busy = () => document.querySelector('[aria-label^="Answer 1,"]')?.ariaBusy === "true";
    const [at, height] = [top(), box.scrollHeight];
    let most = 0;
    let frames = 0;
    while (busy()) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      most = Math.max(most, Math.abs(top() - at));
      frames += 1;
    }
    return { most, frames, grown: box.scrollHeight - height };
  });
  expect(drift.frames).toBeGreaterThan(10);
  expect(drift.grown).toBeGreaterThan(50);
  expect(drift.most).toBe(0);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await expect(page.getByRole("button", { name: "Jump to latest" })).toBeHidden();
  await expect.poll(() => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)).toBeLessThanOrEqual(1);
});

test("what is sent while an answer comes waits for its end", async ({ page, signIn }) => {
  await signIn("/chat/?model=sandbox/slow");
  await rename(page, "sandbox/slow:20:30");
  await send(page, "The first one");
  await expect(answer(page).getByText(/out so far/)).toBeVisible();
  await page.getByLabel("Message").fill("The second one");
  await page.getByLabel("Message").press("Enter");
  await expect(page.getByText("Sends when this answer ends")).toBeVisible();
  await expect(answer(page, 2).getByRole("button", { name: "Regenerate" })).toBeVisible({ timeout: 20_000 });
  await expect(answer(page, 2)).toContainText("The second one");
  await expect(answer(page, 1)).toContainText("The first one");
});
