// The log as one list: pages that were read, and what came after them.
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { read } from "@/lib/api";
import type { Generation, GenerationPage } from "@/lib/contract";

const LIVE_MS = 2000;
const PAGE_SIZE = 100;

/** Generations that fit a filter, newest first; while it is live, with those that come. `still` keeps rows where they are. */
export function useLog(filter: Record<string, string>, live: boolean, still: boolean) {
  const client = useQueryClient();
  const page = (token: string, signal: AbortSignal) =>
    read<GenerationPage>("/generations", { ...filter, page_size: PAGE_SIZE, page_token: token }, signal);
  const log = useInfiniteQuery({
    queryKey: ["generations", filter],
    queryFn: ({ pageParam, signal }) => page(pageParam, signal),
    initialPageParam: "",
    getNextPageParam: ({ next_page_token: next }) => next || undefined,
    staleTime: 0,
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? LIVE_MS : false),
  });
  // One page is one request: of a log that was scrolled on only the newest page is read anew.
  const { data: newest } = useQuery({
    queryKey: ["generations", "newest", filter],
    queryFn: ({ signal }) => page("", signal),
    enabled: live && (log.data?.pages.length ?? 0) > 1,
    gcTime: 0,
    refetchInterval: LIVE_MS,
  });
  const { rows, missing } = useMemo(
    () => overlaid(newest?.generations ?? [], log.data?.pages.flatMap(({ generations = [] }) => generations) ?? []),
    [newest, log.data],
  );
  useEffect(() => {
    if (missing && !still) {
      void client.resetQueries({ queryKey: ["generations"] });
    }
  }, [client, missing, still]);
  return { ...log, rows };
}

/**
 * Rows that were read, as the newest page has them, and those that are only there. Where it has none that was read, what
 * lies between them is `missing`.
 */
export function overlaid(newest: Generation[], read: Generation[]): { rows: Generation[]; missing: boolean } {
  if (newest.length === 0 || read.length === 0) {
    return { rows: read, missing: false };
  }
  // The first place, the last word.
  const rows = new Map([...newest, ...read, ...newest].map((row) => [row.id, row]));
  const missing = rows.size === newest.length + read.length && newest.length >= PAGE_SIZE;
  const time = ({ create_time: at = "" }: Generation) => Date.parse(at);
  return { rows: [...rows.values()].sort((one, other) => time(other) - time(one)), missing };
}
