// Numbers as people read them. Unknown is an en dash, never zero.

export const UNKNOWN = "–";

/** The cost of one thing in USD. */
export function cost(usd: number | undefined): string {
  if (usd === undefined) {
    return UNKNOWN;
  }
  if (usd === 0) {
    return "$0";
  }
  if (usd < 0.000001) {
    return "<$0.000001";
  }
  return `$${usd.toFixed(costDecimals(usd))}`;
}

function costDecimals(usd: number): number {
  if (usd >= 1) {
    return 2;
  }
  if (usd >= 0.1) {
    return 3;
  }
  return usd >= 0.001 ? 4 : 1 - Math.floor(Math.log10(usd));
}

/** A price for a million tokens, from the exact decimal price of one. */
export function pricePerMillion(perToken: string | null | undefined): string {
  if (perToken === undefined || perToken === null) {
    return UNKNOWN;
  }
  const price = Number(perToken) * 1e6;
  if (price === 0) {
    return "Free";
  }
  // Seven significant digits hide what the multiplication added.
  const exact = Number(price.toPrecision(7));
  if (Number.isInteger(exact)) {
    return `$${exact}`;
  }
  const decimals = Math.max(2, (exact.toFixed(6).replace(/0+$/, "").split(".")[1] ?? "").length);
  return `$${exact.toFixed(decimals)}`;
}

/** A number of tokens. */
export function tokens(count: number | undefined): string {
  if (count === undefined) {
    return UNKNOWN;
  }
  if (count < 1000) {
    return String(count);
  }
  if (count < 99_950) {
    return `${(count / 1000).toFixed(1)}k`;
  }
  if (count < 999_500) {
    return `${Math.round(count / 1000)}k`;
  }
  return `${(count / 1e6).toFixed(count < 9_995_000 ? 2 : 1)}M`;
}

/** A context's size: round numbers stay round. */
export function context(count: number | undefined): string {
  if (!count) {
    return UNKNOWN;
  }
  const short = count >= 1_000_000 ? `${Number((count / 1e6).toFixed(2))}M` : `${Math.round(count / 1000)}k`;
  return count < 1000 ? String(count) : short;
}

/** A time in milliseconds. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) {
    return UNKNOWN;
  }
  if (ms < 1) {
    return `${ms.toFixed(1)}\u202Fms`;
  }
  if (ms < 99.5) {
    return `${Math.round(ms)}\u202Fms`;
  }
  if (ms < 59_950) {
    return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)}\u202Fs`;
  }
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}\u202Fm ${seconds % 60}\u202Fs`;
}

/** Output tokens a second after the first; nothing where it cannot be told. */
export function speed(output: number | undefined, firstMs: number | undefined, totalMs: number | undefined) {
  if (!output || firstMs === undefined || totalMs === undefined || totalMs - firstMs < 50) {
    return undefined;
  }
  const rate = output / ((totalMs - firstMs) / 1000);
  return `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} tokens/s`;
}

/** A moment in the reader's own zone; the year where it is not this one. */
export function moment(time: string | undefined): string {
  if (!time) {
    return UNKNOWN;
  }
  const date = new Date(time);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(date);
}
