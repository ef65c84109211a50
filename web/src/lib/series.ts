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
const ALL = [1, 2, 3, 4, 5, 6, 7];
const sticky = new Map<string, Map<string, number>>();

/** The colour of an author's tile: 1 to 7, 0 is grey. */
export function authorColour(name: string): number {
  const known = FIXED[name.toLowerCase()];
  return known ?? 1 + ([...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 7);
}

/** Colours of names, dearest first; a name keeps the colour that it was given on this page, and no two share one. */
export function colours(group: string, names: string[]): Map<string, number> {
  const given = sticky.get(group) ?? new Map<string, number>();
  sticky.set(group, given);
  const found = new Map<string, number>(names.includes(OTHER) ? [[OTHER, 0]] : []);
  const used = new Set<number>();
  const take = (name: string, colour: number) => {
    found.set(name, colour);
    used.add(colour);
  };
  for (const name of names) {
    const kept = given.get(name);
    if (kept !== undefined && !used.has(kept)) {
      take(name, kept);
    }
  }
  for (const name of names.filter((one) => !found.has(one))) {
    const wish = FIXED[(name.split("/")[0] ?? name).toLowerCase()];
    const free = ALL.filter((colour) => !used.has(colour));
    // One that is hidden now may come back beside this one.
    const hidden = new Set(given.values());
    const colour = wish !== undefined && !used.has(wish) ? wish : (free.find((one) => !hidden.has(one)) ?? free[0] ?? 0);
    given.set(name, colour);
    take(name, colour);
  }
  return found;
}

export const FILLS = ["bg-c0", "bg-c1", "bg-c2", "bg-c3", "bg-c4", "bg-c5", "bg-c6", "bg-c7"] as const;
export const SHAPES = ["fill-c0", "fill-c1", "fill-c2", "fill-c3", "fill-c4", "fill-c5", "fill-c6", "fill-c7"] as const;
export const STROKES = [
  ...["stroke-c0", "stroke-c1", "stroke-c2", "stroke-c3", "stroke-c4", "stroke-c5", "stroke-c6", "stroke-c7"],
] as const;
