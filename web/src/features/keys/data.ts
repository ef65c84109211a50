// Projects and what belongs to them.
import { useQuery } from "@tanstack/react-query";

import { read } from "@/lib/api";
import type { ApiKey, Budget, Project } from "@/lib/contract";

export function useProjects() {
  return useQuery({
    queryKey: ["projects"],
    queryFn: ({ signal }) => read<{ projects?: Project[] }>("/projects", { page_size: 1000 }, signal),
  });
}

export function useKeys(project: string) {
  return useQuery({
    queryKey: ["keys", project],
    queryFn: ({ signal }) => read<{ keys?: ApiKey[] }>(`/projects/${project}/keys`, { page_size: 1000 }, signal),
    enabled: project !== "",
  });
}

export function useBudgets(project: string) {
  return useQuery({
    queryKey: ["budgets", project],
    queryFn: ({ signal }) => read<{ budgets?: Budget[] }>(`/projects/${project}/budgets`, { page_size: 1000 }, signal),
    enabled: project !== "",
  });
}
