// One generation in full.
import { useQuery } from "@tanstack/react-query";

import { read } from "@/lib/api";
import type { GenerationAnswer } from "@/lib/contract";

export function useGeneration(id: string) {
  return useQuery({
    queryKey: ["generation", id],
    queryFn: ({ signal }) => read<GenerationAnswer>(`/generations/${encodeURIComponent(id)}`, {}, signal),
    enabled: id !== "",
    refetchInterval: ({ state }) => (state.data?.generation?.state === "admitted" ? 1000 : false),
  });
}
