// How a cost is computed: count times price for each class, as one can redo it. Pure.
import type { Usage } from "@/lib/contract";

export interface Term {
  name: string;
  count: number;
  /** USD for one. */
  price: string | undefined;
  usd: number | undefined;
}

const CLASSES: [keyof Usage, string, string][] = [
  ["input_tokens", "Input", "input"],
  ["cache_read_tokens", "Cache read", "cache_read"],
  ["cache_write_tokens", "Cache write", "cache_write"],
  ["cache_write_1h_tokens", "Cache write, 1 h", "cache_write_1h"],
  ["output_tokens", "Output", "output"],
  ["reasoning_tokens", "Thinking", "reasoning"],
  ["audio_input_tokens", "Sound in", "audio_input"],
  ["audio_output_tokens", "Sound out", "audio_output"],
  ["image_input_tokens", "Images in", "image_input"],
  ["image_output_tokens", "Images out", "image_output"],
  ["web_searches", "Web searches", "web_search"],
];
/** What a class costs where the price list does not name it. */
const INSTEAD: Record<string, string> = { reasoning: "output", cache_write_1h: "cache_write", audio_input: "input", image_input: "input" };

/** The terms of a cost by a price list, of what there was any; a price of another shape gives none. */
export function termsOf(usage: Usage | undefined, price: Record<string, unknown> | undefined): Term[] {
  const amount = (name: string): string | undefined => {
    const value = price?.[name] ?? price?.[INSTEAD[name] ?? ""];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  return CLASSES.flatMap(([key, name, field]): Term[] => {
    const count = usage?.[key];
    if (typeof count !== "number" || count === 0) {
      return [];
    }
    const one = amount(field);
    return [{ name, count, price: one, usd: one === undefined ? undefined : count * Number(one) }];
  });
}
