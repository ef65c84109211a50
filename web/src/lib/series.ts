// Colours of authors, providers and whatever else a chart tells apart; an assignment holds while the page lives.

const FIXED: Record<string, number> = {
  anthropic: 4,
  openai: 3,
  google: 1,
  deepseek: 6,
  mistral: 2,
  mistralai: 2,
  xai: 7,
  "x-ai": 7,
  meta: 5,
  "meta-llama": 5,
  qwen: 5,
  sandbox: 0,
};

export const OTHER = "Other";
const sticky = new Map<string, Map<string, number>>();

/** The colour of an author's tile: 1 to 7, 0 is grey. */
export function authorColour(name: string): number {
  const known = FIXED[name.toLowerCase()];
  return known ?? 1 + ([...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 7);
}

/** Colours of names, dearest first; a name keeps the colour that it was given on this page. */
export function colours(group: string, names: string[]): Map<string, number> {
  const given = sticky.get(group) ?? new Map<string, number>();
  sticky.set(group, given);
  const used = new Set(names.flatMap((name) => given.get(name) ?? []));
  for (const name of names) {
    if (given.has(name)) {
      continue;
    }
    const wish = FIXED[(name.split("/")[0] ?? name).toLowerCase()];
    const free = [1, 2, 3, 4, 5, 6, 7].find((colour) => !used.has(colour)) ?? 0;
    const colour = wish !== undefined && !used.has(wish) ? wish : free;
    given.set(name, colour);
    used.add(colour);
  }
  return new Map(names.map((name) => [name, name === OTHER ? 0 : (given.get(name) ?? 0)]));
}

export const FILLS = ["bg-c0", "bg-c1", "bg-c2", "bg-c3", "bg-c4", "bg-c5", "bg-c6", "bg-c7"] as const;
export const SHAPES = ["fill-c0", "fill-c1", "fill-c2", "fill-c3", "fill-c4", "fill-c5", "fill-c6", "fill-c7"] as const;
export const STROKES = [
  ...["stroke-c0", "stroke-c1", "stroke-c2", "stroke-c3", "stroke-c4", "stroke-c5", "stroke-c6", "stroke-c7"],
] as const;
