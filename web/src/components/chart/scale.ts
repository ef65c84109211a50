// Axes: where the lines of a chart stand.

/** Round steps from 0 that reach a maximum, at most five of them. */
export function ticks(most: number): number[] {
  if (most <= 0) {
    return [0, 1];
  }
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? power * 10;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** Powers of ten around some values, for a logarithmic axis. */
export function decades(least: number, most: number): number[] {
  const from = Math.floor(Math.log10(least));
  const to = Math.max(from + 1, Math.ceil(Math.log10(most)));
  return Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at));
}

/** Which of many labels are written: about so many, evenly. */
export function every(count: number, about: number): number {
  return Math.max(1, Math.ceil(count / about));
}

/** Pixels that the longest of an axis's labels takes beside a chart. */
export function gutter(labels: string[]): number {
  return Math.max(44, 16 + 7 * Math.max(...labels.map((label) => label.length)));
}
