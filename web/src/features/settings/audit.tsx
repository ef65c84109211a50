"use client";

import { useInfiniteQuery } from "@tanstack/react-query";

import { Button } from "@/components/button";
import { When } from "@/components/numbers";
import { Empty, Problem, Skeleton } from "@/components/states";
import { DataTable } from "@/components/table";
import { read } from "@/lib/api";
import type { AuditEvent } from "@/lib/contract";

/** What was changed and by whom, newest first. */
export function Audit() {
  const log = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) =>
      read<{ events?: AuditEvent[]; next_page_token?: string }>("/audit", { page_size: 100, page_token: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_page_token || undefined,
  });
  if (log.isError) {
    return <Problem error={log.error} retry={() => void log.refetch()} />;
  }
  if (log.isPending) {
    return <Skeleton className="h-60" />;
  }
  const events = log.data.pages.flatMap((page) => page.events ?? []);
  if (events.length === 0) {
    return <Empty title="Nothing was changed yet" />;
  }
  return (
    <DataTable
      caption="Changes"
      rows={events}
      rowKey={({ id }) => id}
      virtual={events.length > 60}
      foot={
        log.hasNextPage && (
          <Button kind="quiet" className="w-full" onClick={() => void log.fetchNextPage()}>
            Older
          </Button>
        )
      }
      columns={[
        { id: "time", head: "Time", cell: ({ create_time: time }) => <When time={time} /> },
        { id: "actor", head: "By", cell: ({ actor, actor_name: name }) => <span title={actor}>{name || actor}</span> },
        { id: "action", head: "What", cell: ({ action }) => <span className="font-mono">{action}</span> },
        { id: "target", head: "To", from: "sm", cell: ({ target }) => <span className="font-mono text-text-2">{target}</span> },
        {
          id: "changes",
          head: "Changes",
          from: "md",
          cell: ({ changes = [] }) => (
            <span className="block max-w-80 truncate text-text-2" title={changes.map(({ field, old_value: old, new_value: now }) => `${field}: ${old || "–"} → ${now || "–"}`).join("\n")}>
              {changes.map(({ field }) => field).join(", ")}
            </span>
          ),
        },
      ]}
    />
  );
}
