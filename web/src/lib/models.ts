// The catalogue, whole: every page of it.
import { useQuery } from "@tanstack/react-query";

import { read } from "./api";
import type { Model, ModelPage } from "./contract";

async function readModels(signal: AbortSignal): Promise<Model[]> {
  const models: Model[] = [];
  let token = "";
  do {
    const page = await read<ModelPage>(`/models?page_size=1000&page_token=${encodeURIComponent(token)}`, signal);
    models.push(...(page.models ?? []));
    token = page.next_page_token ?? "";
  } while (token);
  return models;
}

export function useModels() {
  return useQuery({ queryKey: ["models"], queryFn: ({ signal }) => readModels(signal) });
}

/** Some configured provider serves it. */
export function isServed({ endpoints }: Model): boolean {
  return endpoints?.some(({ available }) => available) ?? false;
}

/** `anthropic` of `anthropic/claude-sonnet-4.5`. */
export function author(model: Model): string {
  return model.id.split("/")[0] ?? model.id;
}
