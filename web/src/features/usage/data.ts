import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { read, type Query } from "@/lib/api";
import type { UsageSummary, UsageTotals } from "@/lib/contract";

/** All that was used in each interval, by the time at which it begins. */
export function useTogether(query: Query): Map<number, UsageTotals | undefined> {
  const { data } = useQuery({
    queryKey: ["usage", query, "together"],
    queryFn: ({ signal }) => read<UsageSummary>("/usage/summary", query, signal),
    placeholderData: keepPreviousData,
  });
  return new Map(data?.rows?.map((row) => [Date.parse(row.start ?? ""), row.totals]));
}
