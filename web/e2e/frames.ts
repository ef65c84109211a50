// Frames of a page: how far apart they are, and how long each takes to be drawn.
import type { Page } from "@playwright/test";

export interface Frames {
  /** Between two frames. */
  between: number[];
  /** From a frame's begin until it is drawn: script, style and layout. */
  work: number[];
  stop: boolean;
}

/** Notes each frame from now on. */
export async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames: Frames = { between: [], work: [], stop: false };
    Object.assign(globalThis, { frames });
    const drawn = new MessageChannel();
    let began = 0;
    drawn.port1.onmessage = () => frames.work.push(performance.now() - began);
    const next = (at: number) => {
      if (began) {
        frames.between.push(at - began);
      }
      began = at;
      drawn.port2.postMessage(null);
      if (!frames.stop) {
        requestAnimationFrame(next);
      }
    };
    requestAnimationFrame(next);
  });
}

/** Ends noting, and tells what was noted. */
export async function frames(page: Page): Promise<Frames> {
  return page.evaluate(() => Object.assign((globalThis as unknown as { frames: Frames }).frames, { stop: true }));
}

/** To a tenth. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1));
}

/** As a row of a report. */
export const row = (what: string, { between, work }: Frames) => ({
  what,
  frames: between.length,
  "frame p50 ms": percentile(between, 0.5),
  "frame p95 ms": percentile(between, 0.95),
  "frame longest ms": percentile(between, 1),
  "work p50 ms": percentile(work, 0.5),
  "work p95 ms": percentile(work, 0.95),
});
