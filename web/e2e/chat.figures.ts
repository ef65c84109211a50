// A session of 5,000 messages and an answer of 200 KB: frames, main thread, switching, typing, memory.
import type { CDPSession } from "@playwright/test";

import { answer, rename, send } from "./chat";
import { expect, test as base } from "./fixtures";
import { frames, percentile, row, watch } from "./frames";
import { startGateway } from "./gateway";
import { longAnswer, startPaced, type Paced } from "./paced";
import { report } from "./report";

const TURNS = Number(process.env["FIGURES_TURNS"] ?? 2500);
const CHARACTERS = 200_000;
/** Characters at once: 2 KB a second, which few models reach. */
const PIECE = 32;

const test = base.extend<object, { paced: Paced }>({
  paced: [
    async ({}, give) => {
      const paced = await startPaced(longAnswer(CHARACTERS), PIECE);
      await give(paced);
      paced.stop();
    },
    { scope: "worker" },
  ],
  gateway: [
    async ({ paced }, give) => {
      const gateway = await startGateway(paced.variables);
      await give(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
});

const SPENT = ["TaskDuration", "ScriptDuration", "RecalcStyleDuration", "LayoutDuration"] as const;

/** What the main thread has spent so far, in ms. */
async function spent(session: CDPSession): Promise<number[]> {
  const { metrics } = await session.send("Performance.getMetrics");
  return SPENT.map((name) => (metrics.find((metric) => metric.name === name)?.value ?? 0) * 1000);
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  return Number(((await session.send("Runtime.getHeapUsage")).usedSize / 1e6).toFixed(1));
}

test("a long session and a long answer", async ({ page, context, request, gateway, paced, signIn }) => {
  test.setTimeout(900_000);
  const headers = { authorization: `Bearer ${gateway.key}` };
  const made = await request.post("/api/v1/sessions", { headers, data: { model: "sandbox/echo", title: "Long" } });
  const { session } = (await made.json()) as { session: { id: string } };
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const content = `Turn ${turn}. Some *text* with \`code\`, **weight**,\n\n- a list\n- of two\n\nand an end that makes it longer than one line is wide on most screens.`;
    const data = { session_id: session.id, model: "sandbox/echo", messages: [{ role: "user", content }] };
    expect((await request.post("/api/v1/chat", { headers, data })).ok()).toBe(true);
  }
  await signIn("/chat/?model=sandbox/echo");
  await send(page, "Short");
  await expect(answer(page).getByRole("button", { name: "Regenerate" })).toBeVisible();
  const devtools = await context.newCDPSession(page);
  // Time of the processor, which other programs on it do not lengthen.
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });

  const switched = await page.evaluate(async () => {
    const link = [...document.querySelectorAll<HTMLElement>('a[href*="session="]')].find((one) => one.textContent?.includes("Long"));
    const began = performance.now();
    link?.click();
    while (![...document.querySelectorAll('[aria-label^="Prompt"]')].at(-1)?.textContent?.includes("Turn")) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - began;
  });

  // To the first message: every page of it is read.
  const log = page.getByRole("log", { name: "Conversation" });
  await log.hover();
  await watch(page);
  const reading = performance.now();
  while (performance.now() - reading < 240_000 && !(await page.getByText("Turn 1.", { exact: false }).first().isVisible())) {
    await page.mouse.wheel(0, -4000);
    await page.waitForTimeout(16);
  }
  const read = await frames(page);
  const loaded = await page.getByText("Turn 1.", { exact: false }).first().isVisible();

  await watch(page);
  for (let step = 0; step < 200; step += 1) {
    await page.mouse.wheel(0, step < 100 ? 300 : -300);
    await page.waitForTimeout(16);
  }
  const scrolled = await frames(page);
  const before = await heapMb(devtools);

  await rename(page, paced.model);
  await page.keyboard.press("Control+End");
  await page.getByLabel("Message").fill("Write at length");
  await page.getByLabel("Message").press("Enter");
  await expect(page.getByText(/out so far/)).toBeVisible();
  const tasks = await spent(devtools);
  await page.evaluate(() => performance.clearMeasures("flush"));
  await watch(page);
  const keys = page.evaluate(async () => {
    const delays: number[] = [];
    new PerformanceObserver((list) => delays.push(...list.getEntriesByName("keydown").map(({ duration }) => duration))).observe({
      type: "event",
      ...{ durationThreshold: 16 },
    });
    await new Promise((resolve) => setTimeout(resolve, 8000));
    return delays;
  });
  await page.getByLabel("Message").pressSequentially("typing while it comes, and a little more of it", { delay: 120 });
  const delays = await keys;
  await page.getByLabel("Message").fill("");
  await expect(page.getByText(/out so far/)).toBeHidden({ timeout: 240_000 });
  const streamed = await frames(page);
  const flushes = await page.evaluate(() => performance.getEntriesByName("flush", "measure").map(({ duration }) => duration));
  const after = await spent(devtools);
  const answered = await heapMb(devtools);
  for (let change = 0; change < 10; change += 1) {
    const title = change % 2 === 0 ? "Short" : "Long";
    await page.getByRole("region", { name: "Chats by day" }).getByRole("link", { name: title, exact: true }).click();
    await expect(page.getByRole("article", { name: /^Answer/ }).last()).toBeVisible();
  }

  report(`A session of ${TURNS * 2} messages, and an answer of ${CHARACTERS / 1000} KB in it`, [
    row(loaded ? "reading all of it, upwards" : "reading it, upwards (not to its begin)", read),
    row("scrolling in it", scrolled),
    row("streaming into it", streamed),
  ]);
  report("Beside", [
    { what: "switch to the session, ms", value: Math.round(switched) },
    { what: "flushes", value: flushes.length },
    { what: "fold of a flush, p95 ms", value: percentile(flushes, 0.95) },
    ...SPENT.map((name, at) => ({
      what: `${name} for a frame of the answer, ms of processor`,
      value: Number((((after[at] ?? 0) - (tasks[at] ?? 0)) / streamed.between.length).toFixed(2)),
    })),
    { what: "keys that took 16 ms or more to paint", value: `${delays.length}, p95 ${percentile(delays, 0.95)} ms` },
    { what: "heap with all messages, MB", value: before },
    { what: "heap after the answer, MB", value: answered },
    { what: "heap after ten changes of session, MB", value: await heapMb(devtools) },
  ]);
});
