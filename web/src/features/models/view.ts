// What of the catalogue is shown, by the address. Pure.
import type { Model } from "@/lib/contract";
import { ABILITIES, can, isServed, shortName, type Ability } from "@/lib/models";
import { list, number } from "@/lib/url";

export interface View {
  query: string;
  abilities: Ability[];
  provider: string;
  /** Most that a million input tokens may cost, in USD. */
  maxIn: number | undefined;
  minContext: number | undefined;
  served: boolean;
  sort: string;
  down: boolean;
  /** The columns that were chosen; none where those are shown that there is room for. */
  columns: Optional[];
}

/** Columns that can be chosen: those shown by themselves, then the others. */
export const OPTIONAL = ["context", "cache", "abilities", "providers", "released", "max_output", "tokenizer", "image_in", "search"] as const;
export type Optional = (typeof OPTIONAL)[number];
export const USUAL: readonly Optional[] = OPTIONAL.slice(0, 4);

/** Whether columns are those that are shown by themselves. */
export function isUsual(columns: readonly Optional[]): boolean {
  return columns.length === USUAL.length && USUAL.every((id) => columns.includes(id));
}

export function readView(address: URLSearchParams): View {
  const sort = address.get("sort") ?? "";
  return {
    query: address.get("q") ?? "",
    abilities: list(address.get("cap")).filter((name): name is Ability => ABILITIES.some((known) => known === name)),
    provider: address.get("provider") ?? "",
    maxIn: number(address.get("max_in")),
    minContext: number(address.get("ctx")),
    served: address.get("served") !== "all",
    sort: sort.replace(/^-/, "") || "name",
    down: sort.startsWith("-"),
    columns: OPTIONAL.filter((id) => list(address.get("cols")).includes(id)),
  };
}

export function millions(price: string | undefined): number | undefined {
  return price === undefined ? undefined : Number(price) * 1e6;
}

type Key = (model: Model) => string | number | undefined;

const KEYS: Record<string, Key> = {
  name: (model) => shortName(model, model.id).toLowerCase(),
  context: (model) => model.context_length || undefined,
  price_in: (model) => millions(model.price?.input),
  price_out: (model) => millions(model.price?.output),
  cache: (model) => millions(model.price?.cache_read),
  released: (model) => model.create_time,
  max_output: (model) => model.max_output_tokens || undefined,
  tokenizer: (model) => model.tokenizer || undefined,
  image_in: (model) => millions(model.price?.image_input),
  search: (model) => millions(model.price?.web_search),
};

/** How many of some models can do something besides. */
export function counts<T extends Ability>(models: Model[], abilities: readonly T[]): Map<T, number> {
  return new Map(abilities.map((ability) => [ability, models.filter((model) => can(model, ability)).length]));
}

/** The models that fit a view, in its order; what is not known comes last. */
export function select(models: Model[], view: View): Model[] {
  const words = view.query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = models.filter((model) => {
    const text = `${model.id} ${model.name ?? ""}`.toLowerCase();
    const price = millions(model.price?.input);
    return (
      words.every((word) => text.includes(word)) &&
      view.abilities.every((ability) => can(model, ability)) &&
      (!view.served || isServed(model)) &&
      (!view.provider || model.endpoints?.some(({ provider }) => provider === view.provider)) &&
      (view.maxIn === undefined || (price !== undefined && price <= view.maxIn)) &&
      (view.minContext === undefined || (model.context_length ?? 0) >= view.minContext)
    );
  });
  const key = KEYS[view.sort] ?? (() => undefined);
  const sign = view.down ? -1 : 1;
  return found
    .map((model) => ({ model, by: key(model) }))
    .sort((one, other) => {
      if (one.by === undefined || other.by === undefined) {
        return Number(one.by === undefined) - Number(other.by === undefined);
      }
      return one.by < other.by ? -sign : one.by > other.by ? sign : 0;
    })
    .map(({ model }) => model);
}

/** The providers of a catalogue, by name. */
export function providers(models: Model[]): string[] {
  return [...new Set(models.flatMap((model) => model.endpoints?.map(({ provider = "" }) => provider) ?? []))].filter(Boolean).sort();
}

/** Models that no cheaper one beats in context. */
export function frontier(models: Model[]): Set<string> {
  let best = 0;
  const sorted = models
    .filter((model) => (millions(model.price?.output) ?? 0) > 0)
    .sort((one, other) => (millions(one.price?.output) ?? 0) - (millions(other.price?.output) ?? 0));
  const found = sorted.filter(({ context_length: context = 0 }) => {
    const better = context > best;
    best = Math.max(best, context);
    return better;
  });
  return new Set(found.slice(0, 12).map(({ id }) => id));
}
