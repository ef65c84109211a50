// First load of pages: what is transferred, and when the largest thing is painted, on a processor slowed four times.
import { expect, test } from "./fixtures";
import { report } from "./report";

const PAGES = ["/chat/", "/compare/", "/models/", "/model/?id=sandbox/chat", "/usage/", "/generations/", "/keys/", "/settings/"];
const SLOWED = 4;

interface Painted {
  largest: number;
  shift: number;
  longest: number;
}

test("first loads", async ({ browser, gateway }) => {
  test.setTimeout(180_000);
  const rows: Record<string, string | number>[] = [];
  for (const path of PAGES) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addInitScript((key) => sessionStorage.setItem("key", key), gateway.key);
    await context.addInitScript(() => {
      const painted: Painted = { largest: 0, shift: 0, longest: 0 };
      Object.assign(globalThis, { painted });
      const observe = (type: string, take: (entry: PerformanceEntry) => void) =>
        new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
      observe("largest-contentful-paint", ({ startTime }) => (painted.largest = startTime));
      observe("layout-shift", (entry) => (painted.shift += (entry as PerformanceEntry & { value: number }).value));
      observe("longtask", ({ duration }) => (painted.longest = Math.max(painted.longest, duration)));
    });
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    await network.send("Network.enable");
    await network.send("Emulation.setCPUThrottlingRate", { rate: SLOWED });
    const kinds = new Map<string, string>();
    const transferred: Record<string, number> = {};
    network.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
    network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      const kind = kinds.get(requestId) ?? "Other";
      transferred[kind] = (transferred[kind] ?? 0) + encodedDataLength;
    });
    await page.goto(gateway.url + path);
    await page.waitForLoadState("networkidle");
    await expect(page.locator("h1").first()).toBeAttached();
    const painted = await page.evaluate(() => (globalThis as unknown as { painted: Painted }).painted);
    const kilo = (kind: string) => Number(((transferred[kind] ?? 0) / 1024).toFixed(1));
    rows.push({
      page: path,
      "JS KB": kilo("Script"),
      "CSS KB": kilo("Stylesheet"),
      "fonts KB": kilo("Font"),
      "largest paint ms": Math.round(painted.largest),
      "layout shift": Number(painted.shift.toFixed(4)),
      "longest task ms": Math.round(painted.longest),
    });
    await context.close();
  }
  report(`First load, cold, processor slowed ${SLOWED} times`, rows);
});
