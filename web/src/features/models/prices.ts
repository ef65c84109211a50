// A price list as rows: every class with its unit, then what changes with long inputs.
import type { Price } from "@/lib/contract";
import { context, cost, pricePerMillion } from "@/lib/format";

export interface PriceRow {
  name: string;
  value: string;
  unit: string;
}

const CLASSES: [keyof Price, string, "1M" | "request" | "search"][] = [
  ["input", "Input", "1M"],
  ["output", "Output", "1M"],
  ["cache_read", "Cache read", "1M"],
  ["cache_write", "Cache write", "1M"],
  ["cache_write_1h", "Cache write, 1 h", "1M"],
  ["reasoning", "Thinking", "1M"],
  ["audio_input", "Sound in", "1M"],
  ["audio_output", "Sound out", "1M"],
  ["audio_cache_read", "Sound from cache", "1M"],
  ["image_input", "Images in", "1M"],
  ["image_output", "Images out", "1M"],
  ["request", "Each request", "request"],
  ["web_search", "Each web search", "search"],
];

export function priceRows(price: Price | undefined): PriceRow[] {
  const own = CLASSES.flatMap(([key, name, unit]): PriceRow[] => {
    const amount = price?.[key] as string | undefined;
    if (amount === undefined) {
      return [];
    }
    return [unit === "1M" ? { name, value: pricePerMillion(amount), unit: "per 1M" } : { name, value: cost(Number(amount)), unit: `a ${unit}` }];
  });
  const tiers = (price?.tiers ?? []).flatMap(({ min_input_tokens: from, price: tier }) =>
    priceRows(tier).map((row) => ({ ...row, name: `${row.name}, from ${context(from)} in` })),
  );
  return [...own, ...tiers];
}
