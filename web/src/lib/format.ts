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

/** The cost of one thing as it is read aloud. */
export function spokenCost(usd: number | undefined): string {
  if (usd === undefined) {
    return "cost unknown";
  }
  if (usd === 0) {
    return "no cost";
  }
  if (usd >= 1) {
    return cost(usd);
  }
  const cents = usd * 100;
  if (cents < 0.0001) {
    return "less than 0.0001 cents";
  }
  const spoken = Number(cents.toPrecision(2));
  return spoken === 1 ? "1 cent" : `${spoken} cents`;
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
    return `${ms === 0 ? 0 : ms.toFixed(1)}\u202Fms`;
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

/** Sums in USD: two decimals from a dollar up, thousands by comma. */
export function total(usd: number | undefined): string {
  if (usd === undefined || usd < 1) {
    return cost(usd);
  }
  return `$${usd.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** All nine decimals of the books. */
export function exactCost(usd: number | undefined): string {
  return usd === undefined ? "unknown" : `$${usd.toFixed(9)}`;
}

/** A whole number with thousands by comma. */
export function count(value: number | undefined): string {
  return value === undefined ? UNKNOWN : value.toLocaleString("en-GB");
}

/** A part of a whole. */
export function share(part: number, whole: number): string {
  if (whole === 0) {
    return UNKNOWN;
  }
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) {
    return "<0.1%";
  }
  return `${percent === 0 || percent >= 9.95 ? Math.round(percent) : percent.toFixed(1)}%`;
}

/** A change against what was before; nothing where there was nothing. */
export function delta(now: number, before: number | undefined): string | undefined {
  if (!before) {
    return undefined;
  }
  const percent = Math.round((now / before - 1) * 100);
  return `${percent > 0 ? "+" : percent < 0 ? "\u2212" : "±"}${Math.abs(percent)}%`;
}

/** A size in bytes, by decimal units. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(size, 1)) / 3), units.length - 1);
  const value = size / 1000 ** power;
  return `${value < 10 && power > 0 ? Number(value.toFixed(1)) : Math.round(value)}\u202F${units[power]}`;
}

const format = (options: Intl.DateTimeFormatOptions) => {
  const formatter = new Intl.DateTimeFormat("en-GB", options);
  return (date: Date) => formatter.format(date);
};
const clock = format({ hour: "2-digit", minute: "2-digit" });
const clockWithSeconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayAndMonth = format({ day: "numeric", month: "short" });
const dayMonthYear = format({ day: "numeric", month: "short", year: "numeric" });
const everything = format({ dateStyle: "full", timeStyle: "long" });

/** A moment as one speaks of it. */
export function relative(time: string | undefined, now: number): string {
  if (!time) {
    return UNKNOWN;
  }
  const date = new Date(time);
  const seconds = (now - date.getTime()) / 1000;
  if (Math.abs(seconds) < 45) {
    return "just now";
  }
  if (seconds > 0 && seconds < 3600) {
    return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  }
  if (seconds > 0 && seconds < 86_400) {
    return `${Math.round(seconds / 3600)} h ago`;
  }
  const today = new Date(now);
  if (dayOf(date) === dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1))) {
    return `Yesterday ${clock(date)}`;
  }
  return date.getFullYear() === today.getFullYear()
    ? `${dayAndMonth(date)} ${clock(date)}`
    : dayMonthYear(date);
}

function dayOf(date: Date): string {
  return date.toDateString();
}

/** The whole date with seconds and zone. */
export function wholeMoment(time: string): string {
  return everything(new Date(time));
}

/** A log's time: the clock today, the date before it otherwise. */
export function logTime(time: string | undefined, now: number): string {
  if (!time) {
    return UNKNOWN;
  }
  const date = new Date(time);
  const at = clockWithSeconds(date);
  return dayOf(date) === dayOf(new Date(now)) ? at : `${dayAndMonth(date)} ${at}`;
}

/** A date alone. */
export function day(time: string | undefined): string {
  return time ? dayMonthYear(new Date(time)) : UNKNOWN;
}

/** `provider_rate_limited` as words. */
export function words(code: string | undefined): string {
  const text = (code ?? "").replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Messages of the gateway begin in lower case, as programs like them. */
export function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
