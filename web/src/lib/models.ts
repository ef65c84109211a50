// The catalogue, whole: every page of it, and what its models can do.
import { useQuery } from "@tanstack/react-query";

import { read } from "./api";
import type { Model, ModelPage } from "./contract";

export interface Catalog {
  models: Model[];
  byId: Map<string, Model>;
  refreshTime?: string | undefined;
  refreshError?: string | undefined;
}

async function readCatalog(signal: AbortSignal): Promise<Catalog> {
  const models: Model[] = [];
  let first: ModelPage | undefined;
  let token: string | undefined;
  do {
    const page: ModelPage = await read<ModelPage>("/models", { page_size: 1000, page_token: token }, signal);
    first ??= page;
    models.push(...(page.models ?? []));
    token = page.next_page_token || undefined;
  } while (token !== undefined);
  const byId = new Map(models.map((model) => [model.id, model]));
  return { models, byId, refreshTime: first?.refresh_time, refreshError: first?.refresh_error || undefined };
}

export function useCatalog() {
  return useQuery({ queryKey: ["models"], queryFn: ({ signal }) => readCatalog(signal), staleTime: 5 * 60_000 });
}

/** Some configured provider serves it. */
export function isServed({ endpoints }: Model): boolean {
  return endpoints?.some(({ available }) => available) ?? false;
}

/** It answers prompts: not a model of vectors. */
export function chats({ output_modalities: makes }: Model): boolean {
  return !makes || makes.includes("text") || makes.includes("image") || makes.includes("audio");
}

/** `anthropic` of `anthropic/claude-sonnet-4.5`. */
export function author(id: string): string {
  // A tilde marks names that stand for the newest of a family.
  return (id.split("/")[0] || id).replace(/^~/, "");
}

/** `Claude Sonnet 4.5` of `Anthropic: Claude Sonnet 4.5`. */
export function shortName(model: Model | undefined, id: string): string {
  const name = model?.name || id.split("/").slice(1).join("/") || id;
  return author(id) === "sandbox" ? name.replace(/^Sandbox: /, "Sandbox ") : name.replace(/^[^:]{2,24}: /, "");
}

export const ABILITIES = ["thinking", "tools", "vision", "pdf", "audio", "video", "web", "json", "image"] as const;
export type Ability = (typeof ABILITIES)[number];

export const ABILITY_NAMES: Record<Ability, string> = {
  thinking: "Thinking",
  tools: "Tools",
  vision: "Vision",
  pdf: "PDF",
  audio: "Audio",
  video: "Video",
  web: "Web search",
  json: "JSON schema",
  image: "Image out",
};

export function abilities(model: Model): Ability[] {
  return ABILITIES.filter((ability) => can(model, ability));
}

export function can(model: Model, ability: Ability): boolean {
  const { input_modalities: takes = [], output_modalities: makes = [], supported_parameters: knows = [] } = model;
  switch (ability) {
    case "thinking":
      return model.thinking !== undefined || knows.includes("reasoning");
    case "tools":
      return knows.includes("tools");
    case "vision":
      return takes.includes("image");
    case "pdf":
      return takes.includes("file");
    case "audio":
      return takes.includes("audio");
    case "video":
      return takes.includes("video");
    case "web":
      return knows.includes("web_search_options") || model.price?.web_search !== undefined;
    case "json":
      return knows.includes("structured_outputs");
    case "image":
      return makes.includes("image");
  }
}
