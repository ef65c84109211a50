// How a cost is computed: count times price for each class, as one can redo it. Pure, and the mirror of the gateway's
// src/service/pricing.rs.
import type { Price, Usage } from "@/lib/contract";

export interface Term {
  name: string;
  count: number;
  /** USD for one. */
  price: string | undefined;
  usd: number | undefined;
}

type Class = Exclude<keyof Price, "version" | "source" | "effective_time" | "tiers">;
/** Where it is counted, what it is called, and its price. */
type Row = [keyof Usage, string, Class];

const INPUT: Row[] = [
  ["input_tokens", "Input", "input"],
  ["cache_read_tokens", "Cache read", "cache_read"],
  ["cache_write_tokens", "Cache write", "cache_write"],
  ["cache_write_1h_tokens", "Cache write, 1 h", "cache_write_1h"],
  ["audio_input_tokens", "Sound in", "audio_input"],
  ["image_input_tokens", "Images in", "image_input"],
];
const OUTPUT: Row[] = [
  ["output_tokens", "Output", "output"],
  ["reasoning_tokens", "Thinking", "reasoning"],
  ["audio_output_tokens", "Sound out", "audio_output"],
  ["image_output_tokens", "Images out", "image_output"],
];
/** What a class costs that has no price of its own. */
const INSTEAD: Partial<Record<Class, Class>> = {
  ...{ cache_read: "input", cache_write: "input", cache_write_1h: "cache_write", audio_input: "input", image_input: "input" },
  ...{ reasoning: "output", audio_output: "output", image_output: "output" },
};

/** The terms of a cost by a price list, of what there was any. */
export function termsOf(usage: Usage = {}, price: Price = {}): Term[] {
  const rates = ratesFor(price, usage.total_input_tokens ?? INPUT.reduce((sum, [key]) => sum + (countOf(usage, key) ?? 0), 0));
  const rows: Row[] = [
    ...side(usage, INPUT, ["total_input_tokens", "Input", "input"]),
    ...side(usage, OUTPUT, ["total_output_tokens", "Output", "output"]),
    ["web_searches", "Web searches", "web_search"],
  ];
  const terms = rows.flatMap(([key, name, field]): Term[] => {
    const count = countOf(usage, key);
    return count ? [term(name, count, priceOf(rates, field))] : [];
  });
  return Number(rates.request ?? 0) > 0 ? [...terms, term("Request", 1, rates.request)] : terms;
}

/** How many times as dear the same message is at one price list as at another; undefined where either is unknown. */
export function timesDearer(usage: Usage, price: Price | undefined, before: Price | undefined): number | undefined {
  const [now, then] = [price, before].map((list) => list && termsOf(usage, list).reduce((sum, { usd = NaN }) => sum + usd, 0));
  return now && then !== undefined && !Number.isNaN(now / then) ? now / then : undefined;
}

/** Why a cost cannot be known. */
export function whyUnknown(usage: Usage | undefined, price: Price | undefined, provider: string | undefined): string {
  const terms = termsOf(usage, price);
  if (terms.length === 0) {
    return `${provider || "The provider"} reported no usage.`;
  }
  const without = terms.filter((one) => one.price === undefined).map(({ name }) => name.toLowerCase());
  return price && without.length > 0 ? `No price is known for ${without.join(", ")}.` : "No price is known for this model.";
}

function term(name: string, count: number, price: string | undefined): Term {
  return { name, count, price, usd: price === undefined ? undefined : count * Number(price) };
}

function countOf(usage: Usage, key: keyof Usage): number | undefined {
  const count = usage[key];
  return typeof count === "number" ? count : undefined;
}

/** The classes of one side; its total where no class was reported. */
function side(usage: Usage, rows: Row[], total: Row): Row[] {
  return rows.some(([key]) => countOf(usage, key) !== undefined) ? rows : [total];
}

/** The prices for a prompt of that size: those of the largest tier reached, for all of its tokens. */
function ratesFor(price: Price, input: number): Price {
  const reached = (price.tiers ?? []).filter(({ min_input_tokens: least = 0 }) => input >= least);
  const tier = reached.toSorted((one, other) => (one.min_input_tokens ?? 0) - (other.min_input_tokens ?? 0)).at(-1);
  return { ...price, ...tier?.price };
}

function priceOf(rates: Price, field: Class): string | undefined {
  const instead = INSTEAD[field];
  return rates[field] ?? (instead && priceOf(rates, instead));
}
