// Projects and what belongs to them.
import { useQuery } from "@tanstack/react-query";

import { read } from "@/lib/api";
import type { ApiKey, Budget, Project, UsageSummary } from "@/lib/contract";

const MONTH_MS = 30 * 24 * 3_600_000;

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

/** What each key of a project cost in the last 30 days; who is not there sent nothing. */
export function useCosts(project: string) {
  return useQuery({
    queryKey: ["usage", "30 days by key", project],
    queryFn: async ({ signal }) => {
      const span = { start: new Date(Date.now() - MONTH_MS).toISOString(), projects: project, group_by: "key" };
      const { rows = [] } = await read<UsageSummary>("/usage/summary", span, signal);
      return new Map(rows.map(({ key_id, totals }) => [key_id, totals?.cost_usd]));
    },
  });
}

export function useBudgets(project: string) {
  return useQuery({
    queryKey: ["budgets", project],
    queryFn: ({ signal }) => read<{ budgets?: Budget[] }>(`/projects/${project}/budgets`, { page_size: 1000 }, signal),
    enabled: project !== "",
  });
}
