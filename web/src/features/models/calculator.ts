// What a use of a model would cost, by its price list.
import type { Model } from "@/lib/contract";

export interface Use {
  input: number;
  output: number;
  /** Share of the input that is read from the cache, 0 to 100. */
  cached: number;
  requests: number;
}

/** USD for all requests; undefined where a price that is needed is not known. */
export function costOf(model: Model, { input, output, cached, requests }: Use): number | undefined {
  const base = model.price;
  const tier = base?.tiers?.findLast(({ min_input_tokens: from = 0 }) => input >= from)?.price;
  const price = { ...base, ...tier };
  if (price.input === undefined || price.output === undefined) {
    return undefined;
  }
  const read = (input * cached) / 100;
  const one =
    (input - read) * Number(price.input) +
    read * Number(price.cache_read ?? price.input) +
    output * Number(price.output) +
    Number(price.request ?? 0);
  return one * requests;
}
